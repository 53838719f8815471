import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toVideoSpec } from '../../src/contract/to-video-spec.ts';
import { VIDEO_REQUEST_FIELDS, VideoRequest } from '../../src/contract/video-request.ts';
import { openApiDocument } from '../../src/api/openapi.ts';

describe('a field that is null', () => {
  const optional = VIDEO_REQUEST_FIELDS.filter((field) => field !== 'video_theme');

  it('is one that was not given', () => {
    const nulls = Object.fromEntries(optional.map((field) => [field, null]));
    const asked = toVideoSpec(VideoRequest.parse({ video_theme: 'x', ...nulls }));
    assert.deepEqual(asked, toVideoSpec(VideoRequest.parse({ video_theme: 'x' })));
    assert.equal(asked.durationSeconds, 30);
    assert.equal(VideoRequest.safeParse({ video_theme: null }).success, false);
  });

  it('is so in the contract too, beside its default', () => {
    const { properties = {}, required } = (openApiDocument().components?.schemas?.['GenerateVideoRequest'] ?? {}) as {
      properties?: Record<string, { default?: unknown }>;
      required?: string[];
    };
    assert.deepEqual(required, ['video_theme']);
    for (const field of optional) assert.match(JSON.stringify(properties[field]), /"null"/, field);
    assert.equal(properties['duration']?.default, 30);
    assert.equal(properties['language']?.default, 'auto');
  });
});

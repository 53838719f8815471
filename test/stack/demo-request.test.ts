import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demoRequest } from '../../src/cli/demo-request.ts';
import { WishError } from '../../src/cli/film-request.ts';
import { VOICE_IDS } from '../../src/contract/video-request.ts';

describe('what the demo is asked for', () => {
  it('is refused with all voices listed: no server runs that could show them', () => {
    assert.throws(
      () => demoRequest({ voice: 'nobody', duration: '3' }),
      (error: unknown) => {
        assert.ok(error instanceof WishError);
        assert.match(error.message, /voice_type is not a known voice\. Known are:\n/);
        for (const id of VOICE_IDS) assert.ok(error.message.includes(id), id);
        assert.doesNotMatch(error.message, /\/docs|openapi/);
        assert.match(error.message, /duration must be a whole number/);
        return true;
      },
    );
  });

  it('is told of the voice that was probably meant', () => {
    assert.throws(
      () => demoRequest({ voice: 'zh_male_dongfanghaoran_moon_bigtt' }),
      /did you mean zh_male_dongfanghaoran_moon_bigtts\? Known are:/,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { ASPECT_RATIOS, canvasFor, RESOLUTIONS } from '../../src/domain/canvas.ts';
import { branchWorkflowId, VIDEO_ID_PATTERN, videoIdOf, workflowIdOf } from '../../src/domain/ids.ts';
import { DEFAULT_VOICE, findVoice, VOICES } from '../../src/domain/voice.ts';

const videoId = fc
  .string({ unit: fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'), minLength: 26, maxLength: 26 })
  .map((characters) => `v${characters}`);

describe('ids', () => {
  it('come back from the workflow id they make', () => {
    fc.assert(fc.property(videoId, (id) => assert.equal(videoIdOf(workflowIdOf(id)), id)));
    const fresh = `v${ulid()}`;
    assert.match(fresh, VIDEO_ID_PATTERN);
    assert.equal(videoIdOf(workflowIdOf(fresh)), fresh);
  });

  it('are found in no other workflow id: not in a branch’s, nor in anything like one', () => {
    fc.assert(
      fc.property(videoId, fc.constantFrom('audio' as const, 'visual' as const), fc.nat(), (id, branch, attempt) => {
        assert.equal(videoIdOf(branchWorkflowId(id, branch, attempt)), null);
        for (const other of [id, `video-${id}\n`, `video-${id.toLowerCase()}`, `video-${id}0`, ` video-${id}`])
          assert.equal(videoIdOf(other), null, JSON.stringify(other));
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const id = videoIdOf(text);
        assert.ok(id === null || workflowIdOf(id) === text);
      }),
    );
  });

  it('of branches differ by branch and by attempt', () => {
    const ids = (['audio', 'visual'] as const).flatMap((branch) =>
      [1, 2, 11].map((attempt) => branchWorkflowId('v1', branch, attempt)),
    );
    assert.equal(new Set(ids).size, ids.length);
  });
});

describe('voices', () => {
  it('have ids of their own, and are found by them', () => {
    assert.equal(new Set(VOICES.map(({ id }) => id)).size, VOICES.length);
    for (const voice of VOICES) assert.equal(findVoice(voice.id), voice);
    for (const unknown of ['', 'toString', 'zh_male', DEFAULT_VOICE.toUpperCase()])
      assert.equal(findVoice(unknown), undefined);
  });

  it('speak at least one language, as their names say', () => {
    for (const { id, languages, gender } of VOICES) {
      assert.ok(languages.length > 0, id);
      const [, language, sex] = /^(zh|en)_(male|female)_/.exec(id) ?? [];
      if (language === undefined) continue;
      assert.ok(languages.includes(language), id);
      assert.equal(gender, sex, id);
    }
  });

  it('are of the family that their names tell', () => {
    for (const { id, family } of VOICES) {
      const told = id.startsWith('BV') ? 'small' : id.includes('_uranus_') ? '2.0' : '1.0';
      assert.equal(family, told, id);
    }
  });

  it('have the origin’s one by default, which speaks Chinese', () => {
    assert.equal(DEFAULT_VOICE, 'zh_male_dongfanghaoran_moon_bigtts');
    assert.ok(findVoice(DEFAULT_VOICE)?.languages.includes('zh'));
  });
});

describe('canvasFor', () => {
  it('has the short side that the resolution names, the ratio, and even sides', () => {
    for (const ratio of ASPECT_RATIOS) {
      for (const resolution of RESOLUTIONS) {
        const { width, height } = canvasFor(ratio, resolution);
        const [w, h] = ratio.split(':').map(Number) as [number, number];
        assert.equal(Math.min(width, height), parseInt(resolution), `${ratio} ${resolution}`);
        assert.ok(Math.abs(width / height - w / h) < 0.01, `${width}x${height}`);
        assert.deepEqual([width % 2, height % 2], [0, 0]);
      }
    }
  });
});

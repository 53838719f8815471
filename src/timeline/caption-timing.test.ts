import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AssetRef } from '../domain/asset.ts';
import type { WordTiming } from '../domain/word-timing.ts';
import { buildTimeline } from './build.ts';
import { captionTimingErrorMs } from './caption-timing.ts';
import type { Timeline } from './timeline.ts';

const asset: AssetRef = {
  uri: `asset:${'0'.repeat(64)}`,
  mediaType: 'audio/wav',
  sizeBytes: 1,
  sha256: '0'.repeat(64),
};
const TEXTS = ['2025年，新款Watch X售价¥1,999元！', '慢慢走，看看路边的花，听听风声。'];
/** As a voice says them: numbers in words, each Han character and each word 220 ms, a rest at each mark. */
const SPOKEN = ['二零二五年，新款 Watch X 售价一千九百九十九元。', '慢慢走，看看路边的花，听听风声。'];

function timingsOf(spoken: string): WordTiming[] {
  let at = 120;
  return (spoken.match(/[A-Za-z]+|\p{Script=Han}|[，。]/gu) ?? []).flatMap((word) => {
    const startMs = at;
    at += /[，。]/u.test(word) ? 300 : 220;
    return /[，。]/u.test(word) ? [] : [{ word, startMs, endMs: at }];
  });
}

const words = new Map(SPOKEN.map((spoken, index) => [`s${index + 1}`, timingsOf(spoken)]));
const durationMs = (sceneId: string): number => words.get(sceneId)!.at(-1)!.endMs + 200;

function film(captions: 'karaoke' | 'line' | 'none', durationSeconds: number): Timeline {
  return buildTimeline({
    ...{
      canvas: { width: 360, height: 640 },
      fps: 24,
      durationSeconds,
      captions,
      title: 'A',
      language: 'zh',
      music: null,
    },
    scenes: TEXTS.map((narration, index) => {
      const sceneId = `s${index + 1}`;
      const audio = { asset, durationMs: durationMs(sceneId), words: words.get(sceneId)! };
      return { sceneId, narration, audio, picture: { kind: 'still', asset } };
    }),
  }).timeline;
}

/** The film with its captions moved in time. */
function moved(timeline: Timeline, us: number): Timeline {
  const captions = timeline.tracks.captions.map((caption) => ({
    ...caption,
    startUs: caption.startUs + us,
    words: caption.words?.map((word) => ({ ...word, startUs: word.startUs + us, endUs: word.endUs + us })) ?? null,
  }));
  return { ...timeline, tracks: { ...timeline.tracks, captions } };
}

describe('captionTimingErrorMs', () => {
  // At their own pace, hurried, and with time to spare.
  for (const seconds of [13, 10, 30]) {
    for (const mode of ['karaoke', 'line'] as const) {
      it(`is under a frame and a half in ${mode} mode in ${seconds} s`, () => {
        const error = captionTimingErrorMs(film(mode, seconds), words);
        assert.ok(error !== null && error <= 62, `${error} ms`);
      });
    }
  }

  it('sees captions that lag or come too soon', () => {
    const timeline = film('karaoke', 13);
    for (const us of [400_000, -400_000]) {
      const error = captionTimingErrorMs(moved(timeline, us), words)!;
      assert.ok(error > 330 && error < 470, `${error} ms`);
    }
    assert.ok(captionTimingErrorMs(moved(film('line', 13), 800_000), words)! > 300);
  });

  it('is unknown without captions or without recordings', () => {
    assert.equal(captionTimingErrorMs(film('none', 13), words), null);
    assert.equal(captionTimingErrorMs(film('karaoke', 13), new Map()), null);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AssetRef } from '../domain/asset.ts';
import { ASPECT_RATIOS, canvasFor, FRAME_RATES } from '../domain/canvas.ts';
import { PermanentError } from '../domain/errors.ts';
import { buildTimeline, type BuildInput, type TimelineScene } from './build.ts';
import { cleanText, columnsPerLine, widthOf } from './caption-text.ts';
import { checkTimeline } from './check.ts';
import { framePlan } from './frame-plan.ts';
import { frameOfUs } from './frames.ts';
import { safeMargins } from './safe-area.ts';
import { Timeline } from './timeline.ts';
import { titleLayout } from './titles.ts';

const asset = (seed: string): AssetRef => {
  const sha256 = seed.repeat(64).slice(0, 64);
  return { uri: `asset:${sha256}`, mediaType: 'application/octet-stream', sizeBytes: 1, sha256 };
};

function scene(index: number, change: Partial<TimelineScene> & { durationMs?: number } = {}): TimelineScene {
  const { durationMs = 3000, ...rest } = change;
  return {
    sceneId: `s${index}`,
    narration: '清晨的第一缕阳光洒在山谷里，新的一天开始了。',
    audio: { asset: asset('a'), durationMs, words: [] },
    picture: { kind: 'still', asset: asset('b') },
    ...rest,
  };
}

const input = (change: Partial<BuildInput> = {}): BuildInput => ({
  canvas: canvasFor('9:16', '360p'),
  fps: 30,
  durationSeconds: 15,
  captions: 'karaoke',
  title: 'title',
  language: 'zh',
  music: { kind: 'bed', name: 'calm' },
  scenes: [scene(1), scene(2), scene(3)],
  ...change,
});

const alphabet = [
  ...'山谷里的阳光人工智能改变生活今天我们一起看看，。！？、；：“”（）《》',
  ' ',
  'Hello ',
  'world',
  "don't ",
  '2025',
  '¥1,999',
  '5%',
  '😀',
  '👨‍👩‍👧',
  '{',
  '}',
  '\\',
  '\\N',
  '"',
  '\n',
  'مرحبا ',
  'שלום',
  'ไทย',
  '한국어 ',
  'ひらがな',
  'https://example.org/a/very/long/address/without/blanks',
];
const text = fc
  .array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 60 })
  .map((parts) => parts.join('').slice(0, 400));
const words = fc
  .array(fc.tuple(fc.constantFrom(...alphabet), fc.nat(400), fc.nat(400)), { maxLength: 40 })
  .map((list) => {
    let at = 0;
    return list.map(([word, pause, length]) => ({ word, startMs: at + pause, endMs: (at += pause + length) }));
  });
const scenes = fc
  .array(
    fc.record({
      narration: text,
      durationMs: fc.double({ min: 50, max: 12_000, noNaN: true }),
      silent: fc.boolean(),
      words,
      card: fc.boolean(),
      onScreenText: fc.option(text.map((long) => long.slice(0, 60))),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((list) =>
    list.map(({ narration, durationMs, silent, words, card, onScreenText }, index): TimelineScene => ({
      sceneId: `s${index + 1}`,
      narration,
      audio: silent ? null : { asset: asset('a'), durationMs, words },
      picture: card ? { kind: 'title_card', text: narration } : { kind: 'still', asset: asset('b') },
      onScreenText,
    })),
  );
const inputs = fc.record({
  canvas: fc.constantFrom(...ASPECT_RATIOS).map((ratio) => canvasFor(ratio, '720p')),
  fps: fc.constantFrom(...FRAME_RATES),
  durationSeconds: fc.integer({ min: 5, max: 180 }),
  captions: fc.constantFrom('karaoke' as const, 'line' as const, 'none' as const),
  title: text,
  language: fc.constantFrom('zh', 'en', 'ar', 'ja', 'zh-CN', 'not a language'),
  music: fc.constantFrom(null, { kind: 'bed' as const, name: 'bright' as const }),
  scenes,
});

describe('buildTimeline', () => {
  it('builds a valid timeline of the exact length from whatever it is given', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        let built;
        try {
          built = buildTimeline(given);
        } catch (error) {
          assert.ok(error instanceof PermanentError && error.code === 'narration_too_long', String(error));
          const spoken = given.scenes.reduce((total, { audio }) => total + (audio?.durationMs ?? 0), 0);
          assert.ok(spoken / 1000 > given.durationSeconds * 0.8, 'refused although there was room');
          return;
        }
        const { timeline, degradations } = built;
        checkTimeline(timeline);
        assert.equal(timeline.durationUs, given.durationSeconds * 1_000_000);
        assert.equal(timeline.tracks.narration.length, given.scenes.filter(({ audio }) => audio !== null).length);
        const columns = columnsPerLine(given.canvas);
        for (const { lines } of timeline.tracks.captions) {
          for (const line of lines) assert.ok(widthOf(line) <= columns + 3, `too wide: ${line}`);
        }
        if (given.captions === 'none' || degradations.some(({ what }) => what === 'captions')) return;
        for (const { sceneId, narration } of given.scenes) {
          const shown = timeline.tracks.captions
            .filter((caption) => caption.sceneId === sceneId)
            .flatMap(({ lines }) => lines);
          assert.equal(
            shown.join('').replaceAll(' ', ''),
            cleanText(narration).replaceAll(' ', ''),
            'captions lose text',
          );
        }
      }),
      { numRuns: 250 },
    );
  });

  it('is deterministic', () => {
    assert.deepEqual(buildTimeline(input()), buildTimeline(input()));
  });

  it('breathes when there is time: the recorded tempo, a short lead-in, transitions inside the pauses', () => {
    const { timeline, degradations } = buildTimeline(input());
    const { narration } = timeline.tracks;
    assert.deepEqual(degradations, []);
    assert.ok(narration.every(({ tempo }) => tempo === 1));
    assert.ok(narration[0]!.startUs >= 200_000 && narration[0]!.startUs <= 1_500_000);
    for (const [index, { transition }] of framePlan(timeline).entries()) {
      if (index === 0) continue;
      assert.equal(transition.end - transition.start, 15);
      const before = narration[index - 1]!;
      assert.ok(transition.start * (1e6 / 30) >= before.startUs + before.durationUs - 1);
      assert.ok(transition.end * (1e6 / 30) <= narration[index]!.startUs + 1);
    }
  });

  it('slows down a little before it makes long pauses', () => {
    const { timeline } = buildTimeline(input({ durationSeconds: 30 }));
    assert.equal(timeline.tracks.narration[0]!.tempo, 0.9);
  });

  it('hurries with one tempo for all, silently up to 1.2', () => {
    const { timeline, degradations } = buildTimeline(
      input({ scenes: [1, 2, 3].map((n) => scene(n, { durationMs: 5000 })) }),
    );
    const tempi = new Set(timeline.tracks.narration.map(({ tempo }) => tempo));
    assert.equal(tempi.size, 1);
    assert.ok([...tempi].every((tempo) => tempo > 1 && tempo <= 1.2));
    assert.deepEqual(degradations, []);
  });

  it('says so between 1.2 and 1.5, and refuses beyond', () => {
    const { degradations } = buildTimeline(input({ scenes: [1, 2, 3].map((n) => scene(n, { durationMs: 6000 })) }));
    assert.deepEqual(
      degradations.map(({ what, why }) => [what, why]),
      [['duration', 'narration_too_long']],
    );
    assert.throws(
      () => buildTimeline(input({ scenes: [1, 2, 3].map((n) => scene(n, { durationMs: 8000 })) })),
      (error) => error instanceof PermanentError && error.code === 'narration_too_long',
    );
  });

  it('lasts as asked when nothing is spoken at all', () => {
    const { timeline, degradations } = buildTimeline(
      input({ durationSeconds: 60, scenes: [1, 2].map((n) => scene(n, { audio: null })) }),
    );
    checkTimeline(timeline);
    assert.equal(timeline.durationUs, 60_000_000);
    assert.deepEqual(timeline.tracks.narration, []);
    assert.deepEqual(degradations, []);
    const last = timeline.tracks.captions.at(-1)!;
    assert.ok(last.startUs + last.durationUs > 50_000_000, 'captions leave most of the film empty');
  });

  it('times karaoke by the spoken words although they are spelled otherwise', () => {
    const spoken = ['二', '零', '二', '五', '年', '来', '了'];
    const timings = spoken.map((word, index) => ({ word, startMs: 100 + index * 300, endMs: 400 + index * 300 }));
    const only = scene(1, {
      narration: '2025年来了！',
      audio: { asset: asset('a'), durationMs: 2400, words: timings },
    });
    const { timeline } = buildTimeline(input({ durationSeconds: 5, scenes: [only] }));
    const { startUs, tempo } = timeline.tracks.narration[0]!;
    const shown = timeline.tracks.captions[0]!.words!;
    assert.deepEqual(
      shown.map(({ text }) => text),
      ['2025', '年', '来', '了！'],
    );
    const expected = [100, 1300, 1600, 1900].map((ms) => startUs + Math.round((ms * 1000) / tempo));
    assert.deepEqual(
      shown.map((word) => word.startUs),
      expected,
    );
  });

  it('breaks Chinese between words and at marks, and joins small sentences', () => {
    const narration = '人工智能正在改变我们的生活方式，从早晨醒来的那一刻到夜晚入睡之前，它无处不在。你准备好了吗？';
    const { timeline } = buildTimeline(input({ scenes: [scene(1, { narration, durationMs: 9000 })] }));
    const captions = timeline.tracks.captions.map(({ lines }) => lines);
    assert.ok(captions.length >= 3);
    assert.ok(
      captions.every((lines) => /[，。？]$/u.test(lines.at(-1)!)),
      JSON.stringify(captions),
    );
    assert.ok(captions.flat().every((line) => !/^[，。？]/u.test(line)));
  });
});

describe('titles', () => {
  const titled = (change: Partial<BuildInput> = {}, texts: (string | null)[] = ['日出', null, '山谷的清晨']) =>
    buildTimeline(input({ scenes: texts.map((onScreenText, index) => scene(index + 1, { onScreenText })), ...change }))
      .timeline;

  it('stand a moment after the cut, for at most 3 s, clear of the transitions', () => {
    const timeline = titled();
    checkTimeline(timeline);
    const plan = framePlan(timeline);
    const { titles } = timeline.tracks;
    assert.deepEqual(
      titles.map(({ sceneId, lines }) => [sceneId, lines]),
      [
        ['s1', ['日出']],
        ['s3', ['山谷的清晨']],
      ],
    );
    for (const [index, { startUs, durationUs }] of titles.entries()) {
      const { body } = plan[index * 2]!;
      assert.equal(frameOfUs(startUs, 30), body.start + 6);
      assert.equal(durationUs, 3_000_000);
    }
  });

  it('end with their scene when it is short, and are left out of those too short to read them in', () => {
    const short = titled({
      durationSeconds: 6,
      scenes: [1, 2].map((n) => scene(n, { durationMs: 2000, onScreenText: '日出' })),
    });
    const plan = framePlan(short);
    assert.deepEqual(
      short.tracks.titles.map(({ startUs, durationUs }) => frameOfUs(startUs + durationUs, 30)),
      plan.map(({ body }) => body.end),
    );
    const tiny = [1, 2, 3, 4, 5, 6].map((n) => scene(n, { durationMs: 600, onScreenText: '日出' }));
    assert.ok(titled({ durationSeconds: 5, scenes: tiny }).tracks.titles.length < tiny.length);
  });

  it('are not for title cards, nor made of blanks', () => {
    const card = scene(1, { onScreenText: '日出', picture: { kind: 'title_card', text: '日出' } });
    assert.deepEqual(titled({ scenes: [card, scene(2, { onScreenText: ' \n ' }), scene(3)] }).tracks.titles, []);
  });

  it('shrink and break when they are long, below the label while it is there, in the upper third', () => {
    const label = { text: 'AI生成', seconds: 3, position: 'top_left', textHeight: 0.05 } as const;
    for (const ratio of ASPECT_RATIOS) {
      const canvas = canvasFor(ratio, '360p');
      const { left, right, top } = safeMargins(canvas);
      const long = '清晨的第一缕阳光洒在安静的山谷里';
      const { titles, labels } = titled({ canvas, label }, [long, '日出', long]).tracks;
      const [labelled, brief, free] = titles.map((title) => titleLayout(title, { canvas, labels }));
      assert.ok(labelled!.top > canvas.height * top + 0.05 * 360, ratio);
      assert.equal(free!.top, Math.round(canvas.height * top));
      assert.ok(labelled!.em <= free!.em && free!.em < brief!.em * 1.001, ratio);
      for (const [index, { lines }] of titles.entries()) {
        const { em, lineHeight, top: from } = [labelled, brief, free][index]!;
        assert.ok(em > 360 * 0.05, `${ratio}: ${em} px`);
        assert.ok(Math.max(...lines.map(widthOf)) * em <= 2 * canvas.width * (1 - left - right), lines.join('|'));
        assert.ok(from + lines.length * lineHeight - em * 0.25 <= canvas.height / 3 + 1, ratio);
        assert.equal(lines.join(''), index === 1 ? '日出' : long);
      }
    }
  });

  it('timelines stored before there were titles are still read', () => {
    const timeline = buildTimeline(input()).timeline;
    const { titles, ...tracks } = timeline.tracks;
    assert.deepEqual(titles, []);
    assert.deepEqual(Timeline.parse({ ...timeline, tracks }).tracks.titles, []);
  });
});

describe('checkTimeline', () => {
  const broken = (change: (timeline: ReturnType<typeof valid>) => void): (() => void) => {
    const timeline = valid();
    change(timeline);
    return () => checkTimeline(timeline);
  };
  const valid = () =>
    structuredClone(
      buildTimeline(input({ scenes: [1, 2, 3].map((n) => scene(n, n === 2 ? { onScreenText: '山谷' } : {})) }))
        .timeline,
    );

  const cases: [string, Parameters<typeof broken>[0], RegExp][] = [
    ['a gap between pictures', ({ tracks }) => void (tracks.pictures[1]!.startUs += 100_000), /contiguous/],
    ['pictures that end early', ({ tracks }) => void tracks.pictures.pop(), /cover the film/],
    ['a time between frames', ({ tracks }) => void (tracks.narration[0]!.startUs += 5), /frame boundaries/],
    ['an even transition', ({ tracks }) => void (tracks.pictures[1]!.transitionUs = 466_667), /odd/],
    [
      'a transition longer than its pictures',
      ({ tracks }) => void (tracks.pictures[1]!.transitionUs = 12_300_000),
      /transitions/,
    ],
    ['narration outside the film', ({ tracks }) => void (tracks.narration[2]!.startUs = 14_000_000), /inside the film/],
    [
      'overlapping narration',
      ({ tracks }) => void (tracks.narration[1]!.startUs = tracks.narration[0]!.startUs),
      /overlap/,
    ],
    ['narration before its picture', ({ tracks }) => void (tracks.narration[1]!.sceneId = 's3'), /after its picture/],
    [
      'narration that would be cut',
      ({ tracks }) => void (tracks.narration[1]!.sourceDurationUs = 9_000_000),
      /not cut/,
    ],
    [
      'a caption outside the film',
      ({ tracks }) => void (tracks.captions.at(-1)!.durationUs = 10_000_000),
      /inside the film/,
    ],
    ['words that are not the lines', ({ tracks }) => void (tracks.captions[0]!.words![0]!.text = 'x'), /words join/],
    ['a title beyond its scene', ({ tracks }) => void (tracks.titles[0]!.durationUs = 6_000_000), /stands alone/],
    ['a title before its scene', ({ tracks }) => void (tracks.titles[0]!.startUs = 0), /stands alone/],
    ['a title of no scene', ({ tracks }) => void (tracks.titles[0]!.sceneId = 's9'), /has its picture/],
    [
      'a title on a card',
      ({ tracks }) => void (tracks.pictures[1]!.source = { kind: 'title_card', text: 'x' }),
      /title card/,
    ],
    ['a title of three lines', ({ tracks }) => void (tracks.titles[0]!.lines = ['a', 'b', 'c']), /shape/],
    ['a shape that is not a timeline', ({ tracks }) => void (tracks.pictures[0]!.motion.from.zoom = 0.5), /shape/],
  ];
  for (const [name, change, rule] of cases) {
    it(`names the rule broken by ${name}`, () => {
      assert.throws(
        broken(change),
        (error) => error instanceof PermanentError && error.code === 'invalid_timeline' && rule.test(error.message),
      );
    });
  }
});

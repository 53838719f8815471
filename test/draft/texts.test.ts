import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { checkDraft } from '../../src/draft/check-draft.ts';
import { testTimeline } from '../render/films.ts';
import { loadDraft, SET_UP_MS } from './pyjianyingdraft.ts';
import { contentOf, trackOf, useStudio } from './studio.ts';

/** What people write: each must come out of the draft as it went into the Timeline. */
const TEXTS: string[][] = [
  ['👩🏽‍🚀 去火星 🇨🇳', '“quoted” ‘and’ \'so\' "on"'],
  ['{braces} [brackets] <tags> &amp;', 'C:\\path\\n \\u0041 %s $1 `x`'],
  ['مرحبا 123 — שלום', 'a\u2028b\u00a0c \u200f!'],
];

describe('texts of a draft', () => {
  const studio = useStudio();

  async function filmOf(texts: string[][]): Promise<Timeline> {
    const timeline = await testTimeline(studio.assets, { durationSeconds: 6, captions: 'line' });
    timeline.tracks.captions = timeline.tracks.captions.slice(0, 3);
    for (const [index, caption] of timeline.tracks.captions.entries()) caption.lines = texts[index]!;
    timeline.title = '🎬 "T" \\ {x} عنوان';
    timeline.tracks.labels = [
      { startUs: 0, durationUs: 3_000_000, text: 'AI 生成 ✨', position: 'top_left', textHeight: 0.05 },
    ];
    timeline.tracks.pictures[1]!.source = { kind: 'title_card', text: '卡片 {"json": "\\n"} 🍅' };
    return timeline;
  }

  it('come out as themselves, in our reader and in pyJianYingDraft', { timeout: SET_UP_MS }, async () => {
    const timeline = await filmOf(TEXTS);
    const folder = await studio.draft(timeline);
    await checkDraft(folder, { timeline });
    const loaded = await loadDraft(folder);
    assert.deepEqual(
      loaded.tracks['captions']!.map(({ text }) => text),
      TEXTS.map((lines) => lines.join('\n')),
    );
    assert.equal(loaded.tracks['labels']![0]!.text, 'AI 生成 ✨');
    assert.match(loaded.tracks['titles']![0]!.text!.replaceAll('\n', ''), /卡片 \{"json": ?"\\n"\} ?🍅/);
    // Ranges count code points, as Python's do.
    for (const { text, covered } of loaded.texts) assert.equal(covered, text);
    assert.equal((await contentOf(folder))['name'], timeline.title);
  });

  it('has the text on screen at its time and place, in both readers', { timeout: SET_UP_MS }, async () => {
    const timeline = await testTimeline(studio.assets, {
      ...{ durationSeconds: 8, captions: 'line' },
      change: (scenes) => void (scenes[0]!.onScreenText = '清晨 {x} ✨'),
    });
    const folder = await studio.draft(timeline);
    await checkDraft(folder, { timeline });
    const title = timeline.tracks.titles[0]!;
    const { segments } = trackOf(await contentOf(folder), 'screen_texts');
    assert.deepEqual(
      segments.map(({ target_timerange }) => target_timerange),
      [{ start: title.startUs, duration: title.durationUs }],
    );
    const { x, y } = segments[0]!.clip!.transform;
    assert.ok(x === 0 && y > 1 / 3 && y < 1 - 2 * 0.13, String(y));
    const loaded = await loadDraft(folder);
    assert.equal(loaded.tracks['screen_texts']![0]!.text!.replaceAll('\n', ' '), '清晨 {x} ✨');
    timeline.tracks.titles = [];
    await assert.rejects(checkDraft(folder, { timeline }), /screen_texts/);
  });

  it('half a character becomes the sign for one that is lost, so that strict readers go on', async () => {
    const folder = await studio.draft(await filmOf([['a\ud83db'], ['\udc00'], ['whole 😀']]));
    const texts = (await contentOf(folder)).materials['texts']!.map(
      ({ content }) => (JSON.parse(String(content)) as { text: string }).text,
    );
    assert.ok(['a\ufffdb', '\ufffd', 'whole 😀'].every((text) => texts.includes(text)));
  });

  it('stand where they stand in the film', async () => {
    const content = await contentOf(await studio.draft(await filmOf(TEXTS)));
    const place = (name: string) => trackOf(content, name).segments[0]!.clip!.transform;
    // In portrait, captions are above the lowest 21 % and below the middle, titles at 40 % from the top.
    assert.ok(place('captions').y < 0 && place('captions').y > -1 + 2 * 0.21);
    assert.equal(place('captions').x, 0);
    assert.ok(Math.abs(place('titles').y - 0.2) < 0.02);
    assert.ok(place('labels').y > 0.6 && place('labels').x < 0);
  });
});

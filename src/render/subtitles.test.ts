import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CaptionSegment } from '../timeline/timeline.ts';
import { drawableText } from './drawable.ts';
import { h264Level } from './encoding.ts';
import { escapeAss } from './ass.ts';
import { assOf, overlayAss, srtOf } from './subtitles.ts';

const caption: CaptionSegment = {
  sceneId: 's1',
  startUs: 1_000_000,
  durationUs: 2_000_000,
  lines: ['你好，', 'world'],
  words: [
    { text: '你', startUs: 1_104_000, endUs: 1_300_000 },
    { text: '好，', startUs: 1_300_000, endUs: 1_555_000 },
    { text: 'world', startUs: 1_805_000, endUs: 2_400_000 },
  ],
};
const film = (captions: CaptionSegment[]) => ({
  canvas: { width: 1080, height: 1920 },
  fps: 30 as const,
  language: 'zh',
  tracks: { captions, labels: [], titles: [] },
});
const events = (ass: string): string[] => ass.split('\n').filter((line) => line.startsWith('Dialogue'));

describe('assOf', () => {
  it('rounds boundaries, not lengths, and rests between words', () => {
    assert.match(events(assOf(film([caption])))[0]!, /\{\\k10\}\{\\kf20\}你\{\\kf26\}好，\\N\{\\k25\}\{\\kf59\}world$/);
  });

  it('sweeps nothing in line mode', () => {
    const [line] = events(assOf(film([{ ...caption, words: null }])));
    assert.match(line!, /^Dialogue: 0,0:00:01\.00,0:00:03\.00,Caption,.*你好，\\Nworld$/);
    assert.doesNotMatch(line!, /\\k/);
  });

  it('gives a span of frames only the captions that touch it', () => {
    const ass = film([caption]);
    assert.deepEqual(
      [
        { start: 0, end: 30 },
        { start: 0, end: 31 },
        { start: 89, end: 120 },
        { start: 90, end: 120 },
      ].map((span) => events(overlayAss(ass, span) ?? '').length),
      [0, 1, 1, 0],
    );
  });
});

describe('escapeAss', () => {
  it('lets braces, backslashes and line breaks show as text', () => {
    assert.equal(escapeAss('{\\b1}a\\Nb\nc'), '\\{\\\u2060b1\\}a\\\u2060Nb c');
  });
});

describe('srtOf', () => {
  it('counts from 1 and writes times with commas', () => {
    assert.equal(
      srtOf([caption, { ...caption, startUs: 3_661_033_333 }]),
      '1\n00:00:01,000 --> 00:00:03,000\n你好，\nworld\n\n2\n01:01:01,033 --> 01:01:03,033\n你好，\nworld\n',
    );
  });
});

describe('drawableText', () => {
  const covers = (codePoint: number): boolean => codePoint < 0x2000;
  it('leaves out whole emoji without a glyph and nothing else', () => {
    assert.equal(drawableText('a😀b👨‍👩‍👧c🇨🇳d©e מ', covers), 'abcd©e מ');
  });
});

describe('h264Level', () => {
  it('fits the raster and its rate', () => {
    const level = (width: number, height: number, fps: 24 | 30 | 60) => h264Level({ canvas: { width, height }, fps });
    assert.deepEqual(
      [level(360, 640, 30), level(720, 1280, 30), level(720, 1280, 60), level(1080, 1920, 30), level(1080, 1920, 60)],
      ['3.0', '3.1', '3.2', '4.0', '4.2'],
    );
  });
});

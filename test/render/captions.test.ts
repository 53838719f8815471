import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ASPECT_RATIOS, canvasFor } from '../../src/domain/canvas.ts';
import { assOf, overlayAss } from '../../src/render/subtitles.ts';
import { captionsOf } from '../../src/timeline/captions.ts';
import { safeMargins } from '../../src/timeline/safe-area.ts';
import type { CaptionSegment } from '../../src/timeline/timeline.ts';
import { boxOf, drawAss, isBright, isDark, isLit, isUnlit, type Drawn } from './drawn.ts';
import { testFfmpeg } from './films.ts';
import { evenWords } from './fixtures.ts';

const FPS = 25;
const LONG = '人工智能正在改变我们每一天的生活方式，从清晨的第一杯咖啡，到深夜里的最后一盏灯。';

describe('captions as drawn', { concurrency: false }, () => {
  let root: string;
  let ffmpeg: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'captions-test-'));
    ffmpeg = await testFfmpeg();
  });
  after(() => rm(root, { recursive: true, force: true }));

  interface Scene {
    ratio?: (typeof ASPECT_RATIOS)[number];
    language?: string;
    karaoke?: boolean;
  }

  function captionsFor(text: string, { ratio = '9:16', language = 'zh', karaoke = true }: Scene): CaptionSegment[] {
    const frames = 20 * FPS;
    const { captions } = captionsOf(text, {
      ...{ sceneId: 's1', canvas: canvasFor(ratio, '360p'), language, karaoke, fps: FPS, tempo: 1 },
      ...{ words: evenWords(text, 10_000), durationMs: 10_000 },
      window: { start: 0, speechEnd: frames / 2, end: frames },
    });
    return captions;
  }

  async function draw(text: string, scene: Scene & { background?: string; atSeconds?: number } = {}): Promise<Drawn> {
    const { ratio = '9:16', language = 'zh', background, atSeconds = 0.4 } = scene;
    const canvas = canvasFor(ratio, '360p');
    const tracks = { captions: captionsFor(text, scene), labels: [] };
    const film = { canvas, fps: FPS, language, tracks } as const;
    return drawAss(overlayAss(film, { start: 0, end: 10_000 }) ?? assOf(film), {
      ...{ canvas, texts: [text], root, ffmpeg, atSeconds },
      ...(background === undefined ? {} : { background }),
    });
  }

  for (const ratio of ASPECT_RATIOS) {
    it(`stay inside the safe area of ${ratio}, on at most two lines`, async () => {
      const { width, height } = canvasFor(ratio, '360p');
      const { left, right, top, bottom } = safeMargins({ width, height });
      for (const { startUs, lines } of captionsFor(LONG, { ratio, karaoke: false })) {
        assert.ok(lines.length <= 2, lines.join('|'));
        const drawn = await draw(LONG, { ratio, karaoke: false, atSeconds: startUs / 1e6 + 0.04 });
        const box = boxOf(drawn, (red) => red > 128)!;
        assert.ok(box.left >= left * width && box.right <= width - right * width, JSON.stringify(box));
        assert.ok(box.top >= top * height && box.bottom <= height - bottom * height, JSON.stringify(box));
        // Two lines of this size, not three: nothing was wrapped again by the renderer.
        assert.ok(box.bottom - box.top < height * 0.058 * 1.45 * 2, JSON.stringify(box));
      }
    });
  }

  it('break between words, and lose none', () => {
    const lines = captionsFor(LONG, {}).flatMap((caption) => caption.lines);
    assert.equal(lines.join(''), LONG);
    for (const word of ['人工智能', '改变', '我们', '生活', '方式', '清晨', '咖啡', '深夜', '最后']) {
      assert.ok(
        lines.some((line) => line.includes(word)),
        `${word} is broken: ${lines.join('|')}`,
      );
    }
  });

  const backgrounds = { white: 'color=c=white', black: 'color=c=black', busy: 'testsrc2', yellow: 'color=c=0xffd44c' };
  for (const [name, background] of Object.entries(backgrounds)) {
    it(`can be read on a ${name} picture: bright letters, dark around each`, async () => {
      const plain = await draw('', { background });
      const drawn = await draw('山谷里的清晨', { background, karaoke: false });
      const letters = edgeContrast(drawn, plain);
      assert.ok(letters.bright > 400, `bright pixels: ${letters.bright}`);
      assert.ok(letters.outlined > 0.9, `${letters.outlined} of the letters' edges are next to dark`);
    });
  }

  describe('show as themselves', () => {
    const shown: [string, string, string][] = [
      ['emoji', '😀', '🚀'],
      ['a family of emoji as one', '好👨‍👩‍👧', '好👨👩👧'],
      ['flags', '🇨🇳', '🇯🇵'],
      ['Arabic', 'مرحبا', 'السلام'],
      ['Hebrew', 'שלום', 'דברים'],
      ['Korean', '한국어', '자막도'],
      ['Thai', 'ภาษา', 'สวัสดี'],
      ['Hindi', 'हिन्दी', 'नमस्ते'],
      ['braces', '{水}', '水'],
      ['a backslash', 'a\\nb', 'anb'],
      ['a backslash before N', 'a\\Nb', 'ab'],
      ['straight quotes', '"水"', '水'],
      ['curly quotes', '“水”', '水'],
    ];
    for (const [name, text, other] of shown) {
      it(name, async () => {
        const [one, two] = await Promise.all([draw(text, { karaoke: false }), draw(other, { karaoke: false })]);
        assert.ok((boxOf(one, isBright)?.count ?? 0) > 15, 'nothing is drawn');
        assert.notDeepEqual(one.rgb, two.rgb);
        // An empty box for every character would be the same whatever the characters are.
        const boxes = await draw([...text].map(() => '\u{10fffd}').join(''), { karaoke: false });
        assert.notDeepEqual(one.rgb, boxes.rgb);
      });
    }

    it('an emoji is the font’s own glyph, not two boxes in a row', async () => {
      const family = boxOf(await draw('好👨‍👩‍👧', { karaoke: false }), isBright)!;
      const one = boxOf(await draw('好😀', { karaoke: false }), isBright)!;
      assert.ok(family.right - family.left < 1.3 * (one.right - one.left), JSON.stringify({ family, one }));
    });
  });

  describe('karaoke', () => {
    /** Where the lit and the unlit words are, in the middle of what is said. */
    async function halfway(text: string, language: string) {
      const drawn = await draw(text, { language, atSeconds: 5 });
      return { lit: boxOf(drawn, isLit)!, unlit: boxOf(drawn, isUnlit)! };
    }

    it('runs from left to right in Chinese and English', async () => {
      for (const [text, language] of [
        ['山谷里的清晨', 'zh'],
        ['one two three four', 'en'],
      ] as const) {
        const { lit, unlit } = await halfway(text, language);
        assert.ok(lit.right <= unlit.left + 4, `${text}: ${JSON.stringify({ lit, unlit })}`);
      }
    });

    it('runs from right to left in Arabic and Hebrew', async () => {
      for (const [text, language] of [
        ['مرحبا بالعالم الجميل', 'ar'],
        ['שלום עולם יפה', 'he'],
      ] as const) {
        const { lit, unlit } = await halfway(text, language);
        assert.ok(lit.left >= unlit.right - 4, `${text}: ${JSON.stringify({ lit, unlit })}`);
      }
    });

    it('a line of Hebrew that begins with a Latin word still begins at the right', async () => {
      const { lit, unlit } = await halfway('iPhone שלום עולם', 'he');
      assert.ok(lit.right > unlit.right, JSON.stringify({ lit, unlit }));
    });
  });
});

/** Of the letters' bright pixels that end towards the outside, the share that has dark within four pixels. */
function edgeContrast(drawn: Drawn, plain: Drawn): { bright: number; outlined: number } {
  const { rgb, width } = drawn;
  const at = (x: number, y: number): number => (y * width + x) * 3;
  const test = (is: typeof isDark, place: number): boolean => is(rgb[place]!, rgb[place + 1]!, rgb[place + 2]!);
  const changed = boxOf(
    { ...drawn, rgb: rgb.map((value, index) => Math.abs(value - plain.rgb[index]!)) as Buffer },
    (...c) => c.some((value) => value > 60),
  )!;
  let [bright, edges, outlined] = [0, 0, 0];
  for (let y = changed.top + 4; y < changed.bottom - 4; y++) {
    for (let x = changed.left + 4; x < changed.right - 4; x++) {
      if (!test(isBright, at(x, y))) continue;
      // A bright pixel of the picture itself is none of the letters'.
      if (isBright(plain.rgb[at(x, y)]!, plain.rgb[at(x, y) + 1]!, plain.rgb[at(x, y) + 2]!) && !inLetter(x, y))
        continue;
      bright++;
      if (test(isBright, at(x + 1, y))) continue;
      edges++;
      if ([1, 2, 3, 4].some((step) => test(isDark, at(x + step, y)))) outlined++;
    }
  }
  return { bright, outlined: outlined / Math.max(1, edges) };

  /** Enclosed by dark to the left and the right on its line. */
  function inLetter(x: number, y: number): boolean {
    const near = (step: number): boolean => {
      for (let i = 1; i < 24; i++) if (test(isDark, at(x + step * i, y))) return true;
      return false;
    };
    return near(1) && near(-1);
  }
}

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
import { boxOf, drawAss, isBright, isLit, isUnlit, type Drawn } from './drawn.ts';
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
    const tracks = { captions: captionsFor(text, scene), labels: [], titles: [] };
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
    it(`can be read on a ${name} picture`, async () => {
      const text = '山谷里的清晨 Morning';
      const [onBlack, drawn] = await Promise.all([
        draw(text, { karaoke: false }),
        draw(text, { background, karaoke: false }),
      ]);
      const { letters, around } = lightOf(drawn, lettersOf(onBlack));
      assert.ok(letters > 0.6, `the letters' light is ${letters.toFixed(2)}`);
      // WCAG 2 asks text for 4.5 against what is around it.
      const contrast = (letters + 0.05) / (around + 0.05);
      assert.ok(contrast >= 4.5, `contrast ${contrast.toFixed(1)}`);
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

/** The places of the letters themselves, without their outline. */
function lettersOf({ rgb }: Drawn): Set<number> {
  const places = new Set<number>();
  for (let at = 0; at < rgb.length; at += 3) if (isBright(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!)) places.add(at / 3);
  return places;
}

/** Mean relative luminance (0–1) of the letters, and of the first pixels outside them that are wholly outline. */
function lightOf({ rgb, width }: Drawn, letters: ReadonlySet<number>): { letters: number; around: number } {
  const around = new Set<number>();
  const near = (place: number, reach: number): number[] =>
    [-reach, 0, reach].flatMap((y) => [-reach, 0, reach].map((x) => place + y * width + x));
  for (const place of letters) {
    for (const beside of near(place, 2)) {
      if (!near(beside, 1).some((each) => letters.has(each))) around.add(beside);
    }
  }
  const mean = (places: ReadonlySet<number>): number => {
    let sum = 0;
    for (const place of places) sum += luminance(rgb.subarray(place * 3, place * 3 + 3));
    return sum / places.size;
  };
  return { letters: mean(letters), around: mean(around) };
}

function luminance([red, green, blue]: Uint8Array): number {
  const linear = (value: number): number => (value / 255) ** 2.2;
  return 0.2126 * linear(red!) + 0.7152 * linear(green!) + 0.0722 * linear(blue!);
}

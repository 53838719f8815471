import { readFile } from 'node:fs/promises';
import type { CaptionSegment, Timeline } from '../timeline/timeline.ts';

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;
/** Joiners and variation selectors choose a form; they need no glyph of their own. */
const FORM = /^[\u200d\ufe0e\ufe0f\u{e0020}-\u{e007f}]$/u;

/** Whether one of the film's fonts has a glyph for a code point. */
export type Covers = (codePoint: number) => boolean;

/**
 * The text as it can be drawn: emoji newer than our fonts are left out, because an empty box is worse.
 * Other scripts stay as they are: the system's fonts may have them.
 */
export function drawableText(text: string, covers: Covers): string {
  if (!EMOJI.test(text)) return text;
  return Array.from(graphemes.segment(text), ({ segment }) => segment)
    .filter(
      (character) =>
        !EMOJI.test(character) || [...character].every((each) => FORM.test(each) || covers(each.codePointAt(0)!)),
    )
    .join('')
    .replace(/ {2,}/g, ' ');
}

/** The timeline with captions, titles and cards as they can be drawn. */
export function drawableTimeline(timeline: Timeline, covers: Covers): Timeline {
  const { tracks } = timeline;
  const captions = tracks.captions
    .map((caption) => drawableCaption(caption, covers))
    .filter(({ lines }) => lines.some((line) => line.trim() !== ''));
  const titles = tracks.titles
    .map((title) => ({ ...title, lines: title.lines.map((line) => drawableText(line, covers)) }))
    .filter(({ lines }) => lines.some((line) => line.trim() !== ''));
  const pictures = tracks.pictures.map((picture) =>
    picture.source.kind === 'title_card'
      ? { ...picture, source: { ...picture.source, text: drawableText(picture.source.text, covers) } }
      : picture,
  );
  return {
    ...timeline,
    title: drawableText(timeline.title, covers),
    tracks: { ...tracks, captions, titles, pictures },
  };
}

function drawableCaption(caption: CaptionSegment, covers: Covers): CaptionSegment {
  if (caption.words === null) return { ...caption, lines: caption.lines.map((line) => drawableText(line, covers)) };
  const words = caption.words.map((word) => ({ ...word, text: drawableText(word.text, covers) }));
  // The lines are the words' texts joined, here as in the timeline.
  let taken = 0;
  const lines = caption.lines.map((line) => {
    let text = '';
    for (let length = 0; length < line.length && taken < words.length; taken++) {
      length += caption.words![taken]!.text.length;
      text += words[taken]!.text;
    }
    return text;
  });
  return { ...caption, lines, words };
}

/** Reads which code points the fonts have glyphs for. */
export async function coverageOf(fontPaths: readonly string[]): Promise<Covers> {
  const ranges = (await Promise.all(fontPaths.map((path) => readFile(path)))).flatMap(characterRanges);
  return (codePoint) => ranges.some(({ first, last }) => codePoint >= first && codePoint <= last);
}

/** The `cmap` table in its form 12 (all of Unicode), which every font for CJK or emoji has. */
function characterRanges(font: Buffer): { first: number; last: number }[] {
  const tables = font.readUInt16BE(4);
  for (let table = 0; table < tables; table++) {
    const record = 12 + table * 16;
    if (font.toString('latin1', record, record + 4) !== 'cmap') continue;
    const cmap = font.readUInt32BE(record + 8);
    for (let each = 0; each < font.readUInt16BE(cmap + 2); each++) {
      const subtable = cmap + font.readUInt32BE(cmap + 4 + each * 8 + 4);
      if (font.readUInt16BE(subtable) !== 12) continue;
      return Array.from({ length: font.readUInt32BE(subtable + 12) }, (_, group) => {
        const at = subtable + 16 + group * 12;
        return { first: font.readUInt32BE(at), last: font.readUInt32BE(at + 4) };
      });
    }
  }
  return [];
}

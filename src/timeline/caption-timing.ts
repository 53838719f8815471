import type { WordTiming } from '../domain/word-timing.ts';
import type { CaptionSegment, NarrationSegment, Timeline } from './timeline.ts';
import { matchLetters, spokenLetters } from './word-alignment.ts';

/**
 * How far captions stand from the recordings, in milliseconds: the most that a word lights up before or after it is said, or that
 * its caption is not on screen while it is said. Compared letter by letter with the recordings' own word timings, after
 * the tempo and the cuts. Null when nothing can be compared.
 */
export function captionTimingErrorMs(
  { tracks }: Pick<Timeline, 'tracks'>,
  wordsOf: ReadonlyMap<string, readonly WordTiming[]>,
): number | null {
  const errors = tracks.narration.flatMap((narration) => {
    const captions = tracks.captions.filter(({ sceneId }) => sceneId === narration.sceneId);
    return sceneErrorsUs(captions, { narration, words: wordsOf.get(narration.sceneId) ?? [] });
  });
  return errors.length === 0 ? null : Math.round(Math.max(...errors) / 1000);
}

interface ShownLetter {
  key: string;
  /** When it lights up; null in line mode and for the later letters of a word. */
  lightsUs: number | null;
  caption: CaptionSegment;
}

function sceneErrorsUs(
  captions: readonly CaptionSegment[],
  { narration, words }: { narration: NarrationSegment; words: readonly WordTiming[] },
): number[] {
  const shown = captions.flatMap(shownLetters);
  const said = spokenLetters(words);
  const filmUs = (ms: number): number => narration.startUs + (ms * 1000) / narration.tempo;
  return matchLetters(
    shown.map(({ key }) => key),
    said.map(({ key }) => key),
  ).flatMap(([shownAt, saidAt]) => {
    const { lightsUs, caption } = shown[shownAt]!;
    const startUs = filmUs(said[saidAt]!.startMs);
    const endUs = filmUs(said[saidAt]!.endMs);
    return [
      Math.max(0, caption.startUs - startUs, endUs - caption.startUs - caption.durationUs),
      ...(lightsUs === null ? [] : [Math.abs(lightsUs - startUs)]),
    ];
  });
}

function shownLetters(caption: CaptionSegment): ShownLetter[] {
  if (caption.words === null) {
    return spokenLetters([{ word: caption.lines.join('') }]).map(({ key }) => ({ key, lightsUs: null, caption }));
  }
  return caption.words.flatMap(({ text, startUs }) =>
    spokenLetters([{ word: text }]).map(({ key }, index) => ({ key, lightsUs: index === 0 ? startUs : null, caption })),
  );
}

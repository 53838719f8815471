import { countsCharacters, spokenLength } from './language.ts';
import { LEAST_PAUSE, LEAST_PAUSE_SHARE, NATURAL_TEMPO, READABLE_SQUEEZE } from './speech-pace.ts';

export interface RewritePlanInput {
  durationSeconds: number;
  fps: number;
  /** BCP 47 language of the narration: it decides whether characters or words are counted. */
  language: string;
  /** All of the film, in its order; `durationMs` as recorded, null for a scene that stays silent. */
  scenes: readonly SpokenScene[];
}

export interface SpokenScene {
  sceneId: string;
  text: string;
  durationMs: number | null;
  /** Words that are not ours to change: they take their time, and others must give way. */
  fixed?: boolean;
}

export interface LineToShorten {
  sceneId: string;
  /** In characters or words, as `spokenLength` counts. */
  maxLength: number;
}

/** Reading speed of a silent scene's captions, a second. */
const READING = { characters: 4.5, words: 2.6, leastSeconds: 0.8 };

/** Shortened lines aim below what tempo could make up, because a new recording is never as long as reckoned. */
const TARGET_TEMPO = 1.1;
/** A line that keeps less than this loses its thought, while others could give too. */
const LEAST_KEPT = 0.6;

/**
 * Which lines must be said in fewer words so that the film's narration fits at a natural tempo; null when it does already.
 * As few lines as will do, the longest first, each cut by the same share. Pure: workflow code calls it.
 */
export function planRewrite(input: RewritePlanInput): LineToShorten[] | null {
  const total = sum(input.scenes.map(({ durationMs }) => (durationMs ?? 0) / 1000));
  const room = speakingSeconds(input);
  const ours = input.scenes.flatMap(({ sceneId, text, durationMs, fixed = false }, order) => {
    const length = spokenLength(text, input.language);
    return durationMs === null || length === 0 || fixed ? [] : [{ sceneId, length, order, seconds: durationMs / 1000 }];
  });
  if (ours.length === 0 || total <= room * NATURAL_TEMPO) return null;

  const excess = total - Math.max(0, room) * TARGET_TEMPO;
  const longestFirst = [...ours].sort((a, b) => b.seconds - a.seconds || a.order - b.order);
  const enough = longestFirst.findIndex(
    (_, index) => sum(longestFirst.slice(0, index + 1).map(({ seconds }) => seconds)) * (1 - LEAST_KEPT) >= excess,
  );
  const chosen = enough < 0 ? longestFirst : longestFirst.slice(0, enough + 1);
  const kept = Math.max(0, 1 - excess / sum(chosen.map(({ seconds }) => seconds)));
  const lines = chosen
    .sort((a, b) => a.order - b.order)
    .map(({ sceneId, length }) => ({ sceneId, length, maxLength: Math.max(1, Math.floor(length * kept)) }))
    .filter(({ length, maxLength }) => maxLength < length);
  return lines.length === 0 ? null : lines.map(({ sceneId, maxLength }) => ({ sceneId, maxLength }));
}

/** The film without its least pauses, one frame a scene, and what silent scenes' captions need to be read. */
function speakingSeconds({ durationSeconds, fps, language, scenes }: RewritePlanInput): number {
  const totalFrames = durationSeconds * fps;
  const { lead, between, tail } = LEAST_PAUSE;
  const wanted = [lead, ...scenes.slice(1).map(() => between), tail].map((seconds) => Math.round(seconds * fps));
  const share = Math.min(1, (LEAST_PAUSE_SHARE * totalFrames) / sum(wanted));
  const pauses = sum(wanted.map((frames) => Math.floor(frames * share)));
  const silent = sum(scenes.filter(({ durationMs }) => durationMs === null).map(({ text }) => readingSeconds(text)));
  return (totalFrames - pauses - scenes.length) / fps - silent * READABLE_SQUEEZE;

  function readingSeconds(text: string): number {
    const speed = countsCharacters(language) ? READING.characters : READING.words;
    return Math.max(READING.leastSeconds, spokenLength(text, language) / speed);
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

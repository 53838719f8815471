import { countsCharacters } from './language.ts';
import { MAX_SCENES } from './storyboard.ts';

/** What a script of a given length should look like. */
export interface ScriptPlan {
  scenes: number;
  /** Characters or words of narration per scene, as the language counts. */
  narrationLength: number;
  /** More than this over the whole film cannot be spoken in time, even quickly. */
  maxTotalLength: number;
}

/** One idea takes about five seconds of a short video. */
const SECONDS_PER_SCENE = 5;

/** Comfortable speech: Mandarin characters, or English words, a second. */
const SPEED = { characters: 4.2, words: 2.4 };

/** At most this part of a film is spoken; and these seconds never are, however short it is. */
const SPOKEN_SHARE = 0.85;
const SILENT_SECONDS = { ends: 1.2, between: 0.4 };

/** Tempo can make up this much before words would have to be dropped. */
const SLACK = 1.35;

export const sceneCount = (durationSeconds: number): number =>
  Math.min(MAX_SCENES, Math.max(2, Math.round(durationSeconds / SECONDS_PER_SCENE)));

export function planScript(durationSeconds: number, language: string): ScriptPlan {
  const scenes = sceneCount(durationSeconds);
  const speed = countsCharacters(language) ? SPEED.characters : SPEED.words;
  const silent = SILENT_SECONDS.ends + SILENT_SECONDS.between * (scenes - 1);
  const total = speed * Math.min(durationSeconds * SPOKEN_SHARE, durationSeconds - silent);
  return { scenes, narrationLength: Math.round(total / scenes), maxTotalLength: Math.round(total * SLACK) };
}

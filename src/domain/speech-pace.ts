/**
 * What a film's speech may be asked to do, for those who pace it (timeline/pacing.ts) and for those who ask for fewer
 * words before it comes to that (rewrite-plan.ts). Imports nothing: workflow code reads it.
 */

/** Pauses in seconds before the first, between two, and after the last narration: the least that sounds unhurried. */
export const LEAST_PAUSE = { lead: 0.25, between: 0.4, tail: 0.5 };
/** Pauses never take more than this share of a film, however many scenes it has. */
export const LEAST_PAUSE_SHARE = 0.2;

/** Up to here speech sounds natural. */
export const NATURAL_TEMPO = 1.2;

/** A silent scene's caption can still be read at half its time; below this the captions are called too fast. */
export const READABLE_SQUEEZE = 0.5;

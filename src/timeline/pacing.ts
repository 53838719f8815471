import { PermanentError } from '../domain/errors.ts';
import { LEAST_PAUSE, LEAST_PAUSE_SHARE, NATURAL_TEMPO, READABLE_SQUEEZE } from '../domain/speech-pace.ts';

/** What pauses grow to before anything else is done with spare time. */
const MOST_PAUSE = { lead: 1, between: 2.5, tail: 2.5 };
/** Spare time a silent scene's caption takes before the pauses do: a caption may stand, an empty frame should not. */
const COMFORTABLE_PAUSE = 0.8;
const MOST_SILENT_STRETCH = 2;

const SLOWEST_TEMPO = 0.9;
/** Up to here it can be understood; said as a degradation. */
const FASTEST_TEMPO = 1.5;
const MOST_SQUEEZE = 0.1;

export interface Speech {
  /** As recorded, or as estimated from the text, in frames (not whole). */
  frames: number;
  /** False for a scene that has captions only. */
  spoken: boolean;
}

export interface Pace {
  tempo: number;
  /** How much of its natural reading time a silent scene got. */
  silentStretch: number;
  captionsTooFast: boolean;
  spans: { start: number; frames: number }[];
}

/** Lays speech over the film: tempo first when there is too much of it, longer pauses when there is too little. */
export function pace(speeches: readonly Speech[], options: { totalFrames: number; fps: number }): Pace {
  const { totalFrames, fps } = options;
  const least = leastPauses(speeches.length, options);
  // One frame a scene is kept back, because each length is rounded up to a whole frame.
  const room = totalFrames - sum(least) - speeches.length;
  const spoken = sum(speeches.filter((speech) => speech.spoken).map((speech) => speech.frames));
  const silent = sum(speeches.filter((speech) => !speech.spoken).map((speech) => speech.frames));
  const most = pausesOf(speeches.length, MOST_PAUSE).map((seconds) => seconds * fps);

  const { tempo, silentStretch } =
    spoken + silent > room
      ? hurry({ spoken, silent, room })
      : breathe({ spoken, silent, room, pauses: speeches.length + 1, fps, mostPause: sum(most) - sum(least) });

  const lengths = speeches.map((speech) =>
    Math.max(1, speech.spoken ? Math.ceil(speech.frames / tempo) : Math.floor(speech.frames * silentStretch)),
  );
  const pauses = grow(least, { most, weights: pauseWeights(lengths), spare: totalFrames - sum(least) - sum(lengths) });
  let at = 0;
  const spans = lengths.map((frames, index) => {
    const start = at + pauses[index]!;
    at = start + frames;
    return { start, frames };
  });
  return { tempo, silentStretch, captionsTooFast: silent > 0 && silentStretch < READABLE_SQUEEZE, spans };
}

function hurry({ spoken, silent, room }: { spoken: number; silent: number; room: number }) {
  const together = (spoken + silent) / room;
  if (room > 0 && together <= NATURAL_TEMPO) return { tempo: tempoUp(together), silentStretch: 1 / tempoUp(together) };
  const naturalRest = room - spoken / NATURAL_TEMPO;
  if (naturalRest >= silent * READABLE_SQUEEZE) return { tempo: NATURAL_TEMPO, silentStretch: naturalRest / silent };
  const needed = spoken / (room - silent * READABLE_SQUEEZE);
  if (needed > 0 && needed <= FASTEST_TEMPO) return { tempo: tempoUp(needed), silentStretch: READABLE_SQUEEZE };
  const rest = room - spoken / FASTEST_TEMPO;
  if (spoken > 0 && (rest < 0 || rest < silent * MOST_SQUEEZE)) {
    const seconds = `${Math.round(((spoken + silent) / Math.max(1, room)) * 100)} %`;
    throw new PermanentError('narration_too_long', `The narration takes ${seconds} of the time there is for it.`);
  }
  return { tempo: spoken > 0 ? FASTEST_TEMPO : 1, silentStretch: rest / silent };
}

interface Breathing {
  spoken: number;
  silent: number;
  room: number;
  pauses: number;
  fps: number;
  mostPause: number;
}

function breathe({ spoken, silent, room, pauses, fps, mostPause }: Breathing) {
  const spare = room - spoken - silent;
  const forCaptions = Math.max(0, spare - pauses * COMFORTABLE_PAUSE * fps);
  const most = spoken === 0 ? Infinity : MOST_SILENT_STRETCH;
  const silentStretch = silent === 0 ? 1 : Math.min(most, 1 + forCaptions / silent);
  const tooMuch = spare - silent * (silentStretch - 1) - mostPause;
  const tempo = tooMuch > 0 && spoken > 0 ? tempoUp(Math.max(SLOWEST_TEMPO, spoken / (spoken + tooMuch))) : 1;
  return { tempo, silentStretch };
}

/** Four decimals, rounded so that the speech still fits. */
const tempoUp = (tempo: number): number => Math.ceil(tempo * 10_000 - 1e-6) / 10_000;

function leastPauses(scenes: number, { totalFrames, fps }: { totalFrames: number; fps: number }): number[] {
  const wanted = pausesOf(scenes, LEAST_PAUSE).map((seconds) => Math.round(seconds * fps));
  const share = Math.min(1, (LEAST_PAUSE_SHARE * totalFrames) / sum(wanted));
  return wanted.map((frames) => Math.floor(frames * share));
}

function pausesOf(scenes: number, { lead, between, tail }: typeof LEAST_PAUSE): number[] {
  return [lead, ...Array.from({ length: scenes - 1 }, () => between), tail];
}

/** A long scene is followed by a longer breath; the film starts soon. */
function pauseWeights(lengths: readonly number[]): number[] {
  const mean = sum(lengths) / lengths.length;
  const between = lengths.slice(1).map((next, index) => 0.5 + (lengths[index]! + next) / (4 * mean));
  return [0.35, ...between, 1];
}

/** Shares spare frames out by weight, first up to each pause's most, then without a limit. */
function grow(least: readonly number[], options: { most: number[]; weights: number[]; spare: number }): number[] {
  const { most, weights, spare } = options;
  const grown = [...least];
  let left = spare;
  let open = grown.map((_, index) => index);
  while (left > 0 && open.length > 0) {
    const shares = apportion(
      left,
      open.map((index) => weights[index]!),
    );
    left = 0;
    for (const [position, index] of open.entries()) {
      const wanted = grown[index]! + shares[position]!;
      grown[index] = Math.min(wanted, Math.max(grown[index]!, Math.floor(most[index]!)));
      left += wanted - grown[index];
    }
    open = open.filter((index) => grown[index]! < Math.floor(most[index]!));
  }
  return apportion(left, weights).map((more, index) => grown[index]! + more);
}

/** Whole parts of a whole number, in proportion to the weights. */
function apportion(total: number, weights: readonly number[]): number[] {
  const all = sum(weights);
  let before = 0;
  let weight = 0;
  return weights.map((each) => {
    weight += each;
    const upTo = Math.round((total * weight) / all);
    const part = upTo - before;
    before = upTo;
    return part;
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

import { spokenWeight, tokenize, type Token } from './tokens.ts';

export interface EspeakEvent {
  type: string;
  /** From 1, in code points. */
  text_position: number;
  audio_position: number;
  id: string | number | undefined;
}

export interface TimedToken extends Token {
  startMs: number;
  endMs: number;
}

/** espeak's events turned into one start and end for each token of the text; the rule was measured on real texts. */
export function timeTokens(text: string, events: readonly EspeakEvent[], totalMs: number): TimedToken[] {
  const tokens = tokenize(text);
  if (tokens.length === 0) return [];
  const known = directStarts(tokens, events);
  const pauses = speechEnds(events);
  const starts = fillGaps(tokens, known, { pauses, totalMs });
  return tokens.map((token, index) => {
    const startMs = starts[index] ?? totalMs;
    const nextMs = starts[index + 1] ?? totalMs;
    const pause = pauses.find(({ speechEndMs, endMs }) => speechEndMs > startMs && endMs <= nextMs + 1);
    const endMs = Math.min(totalMs, pause ? Math.min(pause.speechEndMs, nextMs) : nextMs);
    return { ...token, startMs, endMs: Math.max(startMs, endMs) };
  });
}

/** A start counts only if it moves forward: that drops the noise espeak makes inside numbers. */
function directStarts(tokens: readonly Token[], events: readonly EspeakEvent[]): (number | undefined)[] {
  const starts: (number | undefined)[] = tokens.map(() => undefined);
  let last = -1;
  for (const event of events) {
    if (event.type !== 'word') continue;
    const index = tokens.findIndex((token) => token.end > event.text_position - 1);
    if (index <= last) continue;
    starts[index] = event.audio_position;
    last = index;
  }
  starts[0] ??= 0;
  return starts;
}

interface Pause {
  /** When speech stops; the clause's own end comes after the silence. */
  speechEndMs: number;
  endMs: number;
}

/** A clause's speech ends at the first empty phoneme after its last sounding one. */
function speechEnds(events: readonly EspeakEvent[]): Pause[] {
  const pauses: Pause[] = [];
  let silentFrom: number | undefined;
  for (const event of events) {
    if (event.type === 'phoneme') silentFrom = event.id ? undefined : (silentFrom ?? event.audio_position);
    if (event.type === 'end') {
      pauses.push({ speechEndMs: silentFrom ?? event.audio_position, endMs: event.audio_position });
      silentFrom = undefined;
    }
  }
  return pauses;
}

interface Span {
  pauses: readonly Pause[];
  totalMs: number;
}

/** The later halves of compounds get no event: their span is shared out by weight. */
function fillGaps(
  tokens: readonly Token[],
  known: readonly (number | undefined)[],
  { pauses, totalMs }: Span,
): number[] {
  const starts: number[] = [];
  let index = 0;
  while (index < tokens.length) {
    const from = known[index] ?? 0;
    let next = index + 1;
    while (next < tokens.length && known[next] === undefined) next += 1;
    const until = known[next] ?? totalMs;
    const pause = pauses.find(({ speechEndMs, endMs }) => speechEndMs > from && endMs <= until + 1);
    const span = (pause?.speechEndMs ?? until) - from;
    const weights = tokens.slice(index, next).map((token) => Math.max(0.1, spokenWeight(token.text)));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    let before = 0;
    for (const weight of weights) {
      starts.push(from + (span * before) / whole);
      before += weight;
    }
    index = next;
  }
  return starts;
}

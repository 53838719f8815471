/** The server counts microseconds, and is told seconds. */
export interface Range {
  start: number;
  duration: number;
}

/** A number in a text, in whole microseconds: start and length are rounded apart, as it does. */
const tim = (seconds: number): number => Math.round(seconds * 1_000_000);

export const trange = (start: number, duration: number): Range => ({ start: tim(start), duration: tim(duration) });

export const endOf = ({ start, duration }: Range): number => start + duration;

export const overlap = (one: Range, other: Range): boolean => !(endOf(one) <= other.start || endOf(other) <= one.start);

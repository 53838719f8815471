import { createHash } from 'node:crypto';

/** Numbers that look random and are the same for the same parts, on every machine. */
export interface Seeded {
  /** 0 ≤ x < 1 */
  next(): number;
  between(low: number, high: number): number;
  integer(low: number, high: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  pick<T>(items: readonly T[]): T | undefined;
  shuffle<T>(items: readonly T[]): T[];
}

export function seeded(...parts: readonly (string | number)[]): Seeded {
  const next = mulberry32(createHash('sha256').update(parts.join('\u0000')).digest().readUInt32LE(0));
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    between: (low, high) => low + next() * (high - low),
    pick: <T>(items: readonly T[]) => items[integer(0, items.length - 1)] as T,
    shuffle: <T>(items: readonly T[]) => {
      const keyed = items.map((item) => ({ item, key: next() }));
      return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
    },
  };
}

/** A small well-known generator: its quality is plenty for pictures and stories. */
function mulberry32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

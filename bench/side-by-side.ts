import { statisticsOf, type Statistics } from './statistics.ts';

/** What is measured; where it resolves to a number, that is its milliseconds, otherwise the clock's count. */
export type Subject = () => unknown;

export interface Measured extends Statistics {
  samplesMs: number[];
}

export interface SideBySideOptions {
  /** Calls of each before anything counts. */
  warmUps?: number;
  /** Calls of each that count. */
  rounds?: number;
  onRound?: (round: number, name: string, ms: number) => void;
}

/**
 * Measures functions against each other: warmed up, then in rounds in which each is called once, every round beginning
 * with another, so that what else the machine does strikes all alike.
 *
 * @example const { ours, theirs } = await sideBySide({ ours: () => sum(list), theirs: () => list.reduce(add) });
 */
export async function sideBySide<Name extends string>(
  subjects: Record<Name, Subject>,
  { warmUps = 5, rounds = 100, onRound = () => {} }: SideBySideOptions = {},
): Promise<Record<Name, Measured>> {
  const names = Object.keys(subjects) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < warmUps; round++) for (const name of names) await subjects[name]();
  for (let round = 0; round < rounds; round++) {
    for (const name of rotated(names, round)) {
      const ms = await timed(subjects[name]);
      samples[name].push(ms);
      onRound(round, name, ms);
    }
  }
  const measured = names.map((name) => [name, { ...statisticsOf(samples[name]), samplesMs: samples[name] }]);
  return Object.fromEntries(measured) as Record<Name, Measured>;
}

/** One function by itself. */
export async function benchmark(subject: Subject, options: SideBySideOptions = {}): Promise<Measured> {
  return (await sideBySide({ subject }, options)).subject;
}

async function timed(subject: Subject): Promise<number> {
  const start = performance.now();
  const result = await subject();
  return typeof result === 'number' ? result : performance.now() - start;
}

const rotated = <T>(items: readonly T[], by: number): T[] => [
  ...items.slice(by % items.length),
  ...items.slice(0, by % items.length),
];

import type { Statistics } from './statistics.ts';

export type Target = { atMost: number } | { atLeast: number };

/** One number that a figure measures. */
export interface Metric {
  name: string;
  about: string;
  /** `ratio`, `s`, `ms`, `MiB`, … */
  unit: string;
  /** Null: told beside the others, not held to anything. */
  target: Target | null;
}

/** Some metrics that are measured together, and how. */
export interface Figure {
  name: string;
  about: string;
  metrics: readonly Metric[];
  measure(bench: Bench): Promise<void>;
}

/** What a figure works with. */
export interface Bench {
  /** Whether any of these metrics was asked for. */
  wants(...metrics: string[]): boolean;
  /** `value` is the samples' median unless given. */
  record(metric: string, samples: readonly number[], value?: number): void;
  /** What one side took: printed below the table. */
  tell(subject: string, statistics: Statistics): void;
  /** A line of what is going on. */
  note(line: string): void;
  signal: AbortSignal;
}

export interface Outcome {
  metric: Metric;
  value: number;
  samples: number[];
  /** Null where nothing is asked of it. */
  holds: boolean | null;
}

export function holds(value: number, target: Target | null): boolean | null {
  if (target === null) return null;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

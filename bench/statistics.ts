/** What a set of durations says. All in milliseconds but `throughput`. */
export interface Statistics {
  count: number;
  mean: number;
  median: number;
  p95: number;
  p99: number;
  least: number;
  most: number;
  /** Calls a second, one after the other. */
  throughput: number;
}

/** @throws RangeError without samples: there is nothing to say about nothing. */
export function statisticsOf(samplesMs: readonly number[]): Statistics {
  if (samplesMs.length === 0) throw new RangeError('Statistics need at least one sample.');
  const sum = samplesMs.reduce((total, each) => total + each, 0);
  return {
    count: samplesMs.length,
    mean: sum / samplesMs.length,
    median: percentile(samplesMs, 50),
    p95: percentile(samplesMs, 95),
    p99: percentile(samplesMs, 99),
    least: Math.min(...samplesMs),
    most: Math.max(...samplesMs),
    throughput: (samplesMs.length * 1000) / sum,
  };
}

/** Linear between the two nearest samples, as numpy's default. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = ((sorted.length - 1) * percent) / 100;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (below === undefined || above === undefined) throw new RangeError('A percentile needs at least one sample.');
  return below + (above - below) * (at - Math.floor(at));
}

export const median = (samples: readonly number[]): number => percentile(samples, 50);

/** Each of the one by its neighbour of the other: what the machine did at that moment, it did to both. */
export function ratiosOf(ours: readonly number[], theirs: readonly number[]): number[] {
  if (ours.length !== theirs.length) throw new RangeError('Ratios are taken of samples that were measured in pairs.');
  return ours.map((each, index) => each / theirs[index]!);
}

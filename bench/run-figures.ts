import { holds, type Bench, type Figure, type Metric, type Outcome } from './figure.ts';
import { median, type Statistics } from './statistics.ts';

export interface Run {
  outcomes: Outcome[];
  sides: { figure: string; subject: string; statistics: Statistics }[];
  /** Figures that could not be measured, and why. */
  failures: { figure: string; error: unknown }[];
}

interface Wanted {
  /** Names of figures or of single metrics; all when there is none. */
  only: readonly string[];
  note: (line: string) => void;
  signal: AbortSignal;
}

/** A name that no figure and no metric has. */
export class UnknownName extends Error {
  override readonly name = 'UnknownName';

  constructor(unknown: readonly string[], figures: readonly Figure[]) {
    const known = figures.map(({ name, metrics }) => `  ${name}: ${metrics.map((metric) => metric.name).join(', ')}`);
    super(
      `--only: there is no ${unknown.map((name) => `"${name}"`).join(', ')}. Figures and their metrics:\n${known.join('\n')}`,
    );
  }
}

/** One figure after the other, so that none disturbs another; one that cannot be measured does not keep the rest from it. */
export async function runFigures(figures: readonly Figure[], { only, note, signal }: Wanted): Promise<Run> {
  const chosen = choose(figures, only);
  const run: Run = { outcomes: [], sides: [], failures: [] };
  for (const { figure, metrics } of chosen) {
    signal.throwIfAborted();
    note(`${figure.name}: ${figure.about}`);
    try {
      await figure.measure(benchFor(figure, metrics, { run, note, signal }));
    } catch (error) {
      if (signal.aborted) throw error;
      run.failures.push({ figure: figure.name, error });
    }
  }
  return run;
}

function choose(figures: readonly Figure[], only: readonly string[]): { figure: Figure; metrics: Metric[] }[] {
  const known = new Set(figures.flatMap(({ name, metrics }) => [name, ...metrics.map((metric) => metric.name)]));
  const unknown = only.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new UnknownName(unknown, figures);
  return figures
    .map((figure) => {
      const all = only.length === 0 || only.includes(figure.name);
      return { figure, metrics: figure.metrics.filter(({ name }) => all || only.includes(name)) };
    })
    .filter(({ metrics }) => metrics.length > 0);
}

function benchFor(
  figure: Figure,
  wanted: readonly Metric[],
  { run, note, signal }: { run: Run; note: (line: string) => void; signal: AbortSignal },
): Bench {
  return {
    signal,
    note: (line) => note(`  ${line}`),
    wants: (...names) => wanted.some(({ name }) => names.includes(name)),
    tell: (subject, statistics) => run.sides.push({ figure: figure.name, subject, statistics }),
    record: (name, samples, value = median(samples)) => {
      const metric = figure.metrics.find((each) => each.name === name);
      if (metric === undefined) throw new Error(`The figure ${figure.name} has no metric ${name}.`);
      if (!wanted.includes(metric)) return;
      run.outcomes.push({ metric, value, samples: [...samples], holds: holds(value, metric.target) });
    },
  };
}

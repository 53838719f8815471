import type { Metric, Outcome, Target } from './figure.ts';
import type { Run } from './run-figures.ts';
import { percentile } from './statistics.ts';
import { columns } from '../test/columns.ts';

/** What `--json` writes. `samples` are in the metric's unit; `target` and `holds` are null where nothing is asked. */
export interface BenchJson {
  metrics: Record<
    string,
    { value: number; target: number | null; unit: string; holds: boolean | null; samples: number[] }
  >;
}

export function jsonOf({ outcomes }: Run): BenchJson {
  const metrics = outcomes.map(({ metric, value, samples, holds }) => {
    const target = metric.target === null ? null : boundOf(metric.target);
    return [metric.name, { value, target, unit: metric.unit, holds, samples }] as const;
  });
  return { metrics: Object.fromEntries(metrics) };
}

/** The run as tables: each metric against its target, then what each side took. */
export function tableOf({ outcomes, sides, failures }: Run): string {
  const lines = columns(
    ['holds', 'metric', 'value', 'target', 'spread', 'n', ''],
    outcomes.map((outcome) => [
      outcome.holds === null ? '' : outcome.holds ? 'yes' : 'NO',
      outcome.metric.name,
      withUnit(outcome.value, outcome.metric),
      outcome.metric.target === null ? '' : targetText(outcome.metric.target),
      spreadOf(outcome),
      String(outcome.samples.length),
      outcome.metric.about,
    ]),
  );
  if (sides.length > 0) {
    const head = ['figure', 'what', 'n', 'median ms', 'mean', 'p95', 'p99', 'per second'];
    const rows = sides.map(({ figure, subject, statistics: { count, median, mean, p95, p99, throughput } }) => {
      return [figure, subject, String(count), ...[median, mean, p95, p99, throughput].map(plain)];
    });
    lines.push('', ...columns(head, rows));
  }
  for (const { figure, error } of failures) {
    const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
    lines.push('', `${figure} could not be measured: ${first}`);
  }
  return lines.join('\n');
}

/** What there is to be measured. */
export function listOf(figures: readonly { name: string; about: string; metrics: readonly Metric[] }[]): string {
  return figures
    .flatMap(({ name, about, metrics }) => [
      `${name}: ${about}`,
      ...metrics.map((metric) => {
        const target = metric.target === null ? '' : ` ${targetText(metric.target)} ${metric.unit}`;
        return `  ${metric.name}${target}: ${metric.about}`;
      }),
    ])
    .join('\n');
}

const boundOf = (target: Target): number => ('atMost' in target ? target.atMost : target.atLeast);
const targetText = (target: Target): string => `${'atMost' in target ? '≤' : '≥'} ${boundOf(target)}`;
const withUnit = (value: number, { unit }: Metric): string =>
  unit === 'ratio' ? plain(value) : `${plain(value)} ${unit}`;
const plain = (value: number): string => value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3);

function spreadOf({ samples }: Outcome): string {
  if (samples.length < 2) return '';
  return `${plain(Math.min(...samples))} – ${plain(Math.max(...samples))}, p95 ${plain(percentile(samples, 95))}`;
}

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bench } from '../../bench/command.ts';
import { encodedAt } from '../../bench/end-to-end/ideal-schedule.ts';
import type { Figure } from '../../bench/figure.ts';
import { FIGURES } from '../../bench/figures.ts';
import { UnknownName } from '../../bench/run-figures.ts';
import { benchmark, sideBySide } from '../../bench/side-by-side.ts';
import { percentile, ratiosOf, statisticsOf } from '../../bench/statistics.ts';

describe('the statistics of a benchmark', () => {
  it('are those of the samples', () => {
    const { count, mean, median, p95, p99, least, most, throughput } = statisticsOf([40, 10, 30, 20]);
    assert.deepEqual([count, mean, median, least, most], [4, 25, 25, 10, 40]);
    // numpy.percentile([40, 10, 30, 20], [95, 99])
    assert.deepEqual(
      [p95, p99].map((each) => Number(each.toFixed(6))),
      [38.5, 39.7],
    );
    assert.equal(throughput, 40, 'four calls in a tenth of a second');
  });

  it('say nothing about nothing', () => {
    assert.throws(() => statisticsOf([]), RangeError);
    assert.throws(() => percentile([], 50), RangeError);
    assert.throws(() => ratiosOf([1, 2], [1]), RangeError);
  });

  it('compare pairs', () => assert.deepEqual(ratiosOf([2, 9], [4, 3]), [0.5, 3]));
});

describe('measuring side by side', () => {
  it('warms up first, then takes turns, each round beginning with another', async () => {
    const calls: string[] = [];
    const measured = await sideBySide(
      { ours: () => void calls.push('o'), theirs: async () => void (await Promise.resolve(), calls.push('t')) },
      { warmUps: 1, rounds: 2 },
    );
    assert.equal(calls.join(''), 'ototto');
    assert.deepEqual([measured.ours.samplesMs.length, measured.theirs.count], [2, 2]);
    assert.ok(measured.ours.mean >= 0);
  });

  it('takes a subject’s own word for its time', async () => {
    const { samplesMs, median } = await benchmark(() => 12.5, { warmUps: 0, rounds: 3 });
    assert.deepEqual([samplesMs, median], [[12.5, 12.5, 12.5], 12.5]);
  });
});

describe('the ideal schedule', () => {
  it('keeps one encoder busy whenever something is ready', () => {
    assert.equal(encodedAt([]), 0);
    const pieces = [
      { readyAt: 10, seconds: 4 },
      { readyAt: 1, seconds: 3 },
      { readyAt: 2, seconds: 1 },
    ];
    assert.equal(encodedAt(pieces), 14, '1–4, 4–5, idle, 10–14');
    assert.equal(encodedAt([{ readyAt: 0, seconds: 20 }, ...pieces]), 28, 'never idle');
  });
});

const figure = (
  name: string,
  metrics: Record<string, { target: Figure['metrics'][number]['target']; samples: number[] }>,
) => {
  const measured: string[] = [];
  const figure: Figure = {
    ...{ name, about: `About ${name}.` },
    metrics: Object.entries(metrics).map(([metric, { target }]) => ({
      name: metric,
      about: '',
      unit: 'ratio',
      target,
    })),
    measure: (given) => {
      for (const [metric, { samples }] of Object.entries(metrics)) {
        if (!given.wants(metric)) continue;
        measured.push(metric);
        given.record(metric, samples);
      }
      return Promise.resolve();
    },
  };
  return { figure, measured };
};

describe('npm run bench', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'mcp-bridge-bench-test-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  const small = () => ({
    speed: figure('speed', {
      quick: { target: { atMost: 1.1 }, samples: [1, 1.2, 1] },
      slow: { target: { atLeast: 2 }, samples: [1] },
    }),
    size: figure('size', { weight: { target: null, samples: [3] } }),
  });
  const run = async (args: string[], figures: Figure[]) => {
    const printed: string[] = [];
    const code = await bench(args, {
      ...{ figures, signal: new AbortController().signal, note: () => {} },
      print: (text) => void printed.push(text),
    });
    return { code, printed: printed.join('\n') };
  };

  it('writes what holds and what does not, with every sample', async () => {
    const { speed, size } = small();
    const file = path.join(folder, 'not', 'yet', 'there.json');
    const { code, printed } = await run(['--json', file], [speed.figure, size.figure]);
    assert.equal(code, 0, 'a target that is missed is told, and no failure');
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), {
      metrics: {
        quick: { value: 1, target: 1.1, unit: 'ratio', holds: true, samples: [1, 1.2, 1] },
        slow: { value: 1, target: 2, unit: 'ratio', holds: false, samples: [1] },
        weight: { value: 3, target: null, unit: 'ratio', holds: null, samples: [3] },
      },
    });
    assert.match(printed, /^yes +quick +1\.000 +≤ 1\.1/m);
    assert.match(printed, /^NO +slow +1\.000 +≥ 2/m);
  });

  it('measures only what is named, a figure or a single metric', async () => {
    const { speed, size } = small();
    await run(['--only', 'slow, size'], [speed.figure, size.figure]);
    assert.deepEqual([speed.measured, size.measured], [['slow'], ['weight']]);
  });

  it('names what there is when a name is wrong, before anything is measured', async () => {
    const { speed, size } = small();
    await assert.rejects(run(['--only', 'size,sped'], [speed.figure, size.figure]), (error) => {
      assert.ok(error instanceof UnknownName);
      assert.match(error.message, /no "sped".*\n {2}speed: quick, slow\n {2}size: weight$/);
      return true;
    });
    assert.deepEqual(size.measured, []);
  });

  it('goes on after a figure that cannot be measured, and says so', async () => {
    const { size } = small();
    const broken: Figure = {
      name: 'broken',
      about: '',
      metrics: [{ name: 'b', about: '', unit: 's', target: null }],
      measure: () => Promise.reject(new Error('No server.')),
    };
    const { code, printed } = await run([], [broken, size.figure]);
    assert.equal(code, 1);
    assert.match(printed, /broken could not be measured: No server\./);
    assert.deepEqual(size.measured, ['weight']);
  });

  it('has one name for each metric', async () => {
    const names = FIGURES.flatMap(({ name, metrics }) => [...new Set([name, ...metrics.map((metric) => metric.name)])]);
    assert.deepEqual(
      names.filter((name, at) => names.indexOf(name) !== at),
      [],
    );
    const { printed } = await run(['--list'], [...FIGURES]);
    for (const name of names) assert.match(printed, new RegExp(`^ *${name}[: ]`, 'm'));
  });
});

import type { Figure } from './figure.ts';
import { InstantProduct } from './instant/instant-product.ts';
import { sideBySide } from './side-by-side.ts';
import { ratiosOf } from './statistics.ts';

const RUNS = 24;
const AT_ONCE = 12;
const ROUNDS = 3;

/** How many runs a second two cores take, the Temporal server included, against Temporal alone. */
export const throughput: Figure = {
  name: 'throughput',
  about: `${RUNS} runs, ${AT_ONCE} at once, instant providers, render and draft stubbed, against a bare Temporal app on the same server.`,
  metrics: [
    {
      name: 'throughput_vs_bare',
      about: 'Our runs a second ÷ the bare app’s.',
      unit: 'ratio',
      target: { atLeast: 0.85 },
    },
    { name: 'runs_per_second', about: 'Ours.', unit: '1/s', target: null },
  ],
  measure: async (bench) => {
    const product = await InstantProduct.start();
    try {
      const perRun = (run: () => Promise<void>) => () => burst(run, bench.signal);
      const { ours, bare } = await sideBySide(
        { ours: perRun(product.runOurs), bare: perRun(product.runBare) },
        {
          ...{ warmUps: 1, rounds: ROUNDS },
          onRound: (round, name, ms) =>
            bench.note(`round ${round + 1}: ${name} ${(1000 / ms).toFixed(2)} runs a second`),
        },
      );
      bench.tell('ours, a run', ours);
      bench.tell('bare, a run', bare);
      bench.record('throughput_vs_bare', ratiosOf(bare.samplesMs, ours.samplesMs));
      bench.record(
        'runs_per_second',
        ours.samplesMs.map((ms) => 1000 / ms),
      );
    } finally {
      await product.stop();
    }
  },
};

/** Resolves to the milliseconds that one of them took on average, of the time for all. */
async function burst(run: () => Promise<void>, signal: AbortSignal): Promise<number> {
  const start = performance.now();
  const waiting = Array.from({ length: RUNS }, (_, index) => index).values();
  const workThrough = async () => {
    for (const _ of waiting) {
      signal.throwIfAborted();
      await run();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, workThrough));
  return (performance.now() - start) / RUNS;
}

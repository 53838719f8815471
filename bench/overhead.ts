import type { Bench, Figure } from './figure.ts';
import { InstantProduct } from './instant/instant-product.ts';
import { runPlainScript, type PlainFilm } from './instant/plain-script.ts';
import { sideBySide } from './side-by-side.ts';
import { ratiosOf } from './statistics.ts';

const ROUNDS = { instant: 12, real: 2 };

/** What one run costs in time. */
export const overhead: Figure = {
  name: 'overhead',
  about: 'One run alone: instant providers against a bare Temporal app; real delays against a plain script.',
  metrics: [
    { name: 'added_ms', about: 'Ours less the bare app, instant providers.', unit: 'ms', target: { atMost: 150 } },
    {
      name: 'delays_vs_script',
      about: 'Ours ÷ the same calls by a plain script, real delays.',
      unit: 'ratio',
      target: { atMost: 1.1 },
    },
  ],
  measure: async (bench) => {
    const product = await InstantProduct.start();
    try {
      if (bench.wants('added_ms')) await measureInstant(bench, product);
      if (bench.wants('delays_vs_script')) await measureReal(bench, product);
    } finally {
      await product.stop();
    }
  },
};

async function measureInstant(bench: Bench, { runOurs, runBare }: InstantProduct): Promise<void> {
  const { ours, bare } = await sideBySide({ ours: runOurs, bare: runBare }, { warmUps: 3, rounds: ROUNDS.instant });
  bench.tell('ours, instant', ours);
  bench.tell('bare', bare);
  bench.record(
    'added_ms',
    ours.samplesMs.map((ms, index) => ms - bare.samplesMs[index]!),
  );
}

async function measureReal(bench: Bench, { provider, runOurs }: InstantProduct): Promise<void> {
  provider.delays = 'real';
  const film = plainFilmOf(provider);
  const { ours, script } = await sideBySide(
    { ours: runOurs, script: () => runPlainScript(film) },
    {
      ...{ warmUps: 0, rounds: ROUNDS.real },
      onRound: (round, name, ms) => bench.note(`round ${round + 1}: ${name} ${(ms / 1000).toFixed(2)} s`),
    },
  );
  bench.tell('ours, real delays', ours);
  bench.tell('plain script', script);
  bench.record('delays_vs_script', ratiosOf(ours.samplesMs, script.samplesMs));
}

function plainFilmOf({ url, asked }: InstantProduct['provider']): PlainFilm {
  const bodies = (kind: string) => asked.filter((call) => call.kind === kind).map(({ body }) => body);
  return {
    ...{ url, script: bodies('chat')[0] },
    pictures: bodies('image').map((body) => (body as { prompt: string }).prompt),
    narrations: bodies('speech').map((body) => (body as { req_params: { text: string } }).req_params.text),
  };
}

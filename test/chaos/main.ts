import { Command, InvalidArgumentError, Option } from 'commander';
import { campaign } from './campaign.ts';
import { isKept, tableOf } from './report.ts';

const HABITS = { impatient: 0.2, fickle: 0.12, silent: 0.2 };
const SHORT = {
  films: 9,
  inFlight: 5,
  strikes: 16,
  gap: [500, 3_000],
  settleMs: 180_000,
  fleet: { gateways: 2, workers: 2 },
  habits: HABITS,
} as const;
const LONG = {
  films: 100,
  inFlight: 12,
  strikes: 240,
  gap: [500, 4_000],
  settleMs: 300_000,
  fleet: { gateways: 2, workers: 3 },
  habits: HABITS,
} as const;

const whole = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError('a whole number, please');
  return number;
};

const share = (text: string): number => {
  const number = Number(text);
  if (!(number >= 0 && number <= 1)) throw new InvalidArgumentError('a share from 0 to 1, please');
  return number;
};

const program = new Command('chaos')
  .description('Has films made by several processes, strikes at everything, and looks whether every promise was kept.')
  .option('--short', 'a small campaign of under four minutes')
  .addOption(new Option('--seed <n>', 'the same strikes again').argParser(whole))
  .addOption(new Option('--films <n>', 'how many are ordered').argParser(whole))
  .addOption(new Option('--in-flight <n>', 'how many at once').argParser(whole))
  .addOption(new Option('--strikes <n>', 'how many faults at most').argParser(whole))
  .addOption(new Option('--gap <ms>', 'longest time between two').argParser(whole))
  .addOption(new Option('--impatient <share>', 'of the customers, who order twice at once').argParser(share))
  .addOption(new Option('--fickle <share>', 'of the customers, who cancel').argParser(share))
  .addOption(new Option('--silent <share>', 'of the customers, who never ask how far it is').argParser(share))
  .option('--only <name...>', 'only faults whose name contains one of these')
  .action(async (given: Given) => {
    const base = given.short === true ? SHORT : LONG;
    const seed = given.seed ?? Date.now() % 1_000_000;
    process.stderr.write(`seed ${seed}\n`);
    const report = await campaign({
      ...base,
      seed,
      films: given.films ?? base.films,
      inFlight: given.inFlight ?? base.inFlight,
      strikes: given.strikes ?? base.strikes,
      gap: given.gap === undefined ? base.gap : [Math.min(base.gap[0], given.gap), given.gap],
      only: given.only ?? [],
      habits: {
        impatient: given.impatient ?? HABITS.impatient,
        fickle: given.fickle ?? HABITS.fickle,
        silent: given.silent ?? HABITS.silent,
      },
      signal: givenUp.signal,
      note: (line) => process.stderr.write(`${line}\n`),
    });
    process.stdout.write(`${tableOf(report)}\n`);
    process.exitCode = isKept(report) ? 0 : 1;
  });

interface Given {
  short?: true;
  seed?: number;
  films?: number;
  inFlight?: number;
  strikes?: number;
  gap?: number;
  impatient?: number;
  fickle?: number;
  silent?: number;
  only?: string[];
}

const givenUp = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => givenUp.abort(new Error('The campaign was given up; nothing of it is left.')));
try {
  await program.parseAsync();
} catch (error) {
  if (!givenUp.signal.aborted) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 130;
}

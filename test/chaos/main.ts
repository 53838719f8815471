import { Command, InvalidArgumentError, Option } from 'commander';
import { campaign } from './campaign.ts';
import { isKept, tableOf } from './report.ts';

const SHORT = {
  films: 14,
  inFlight: 5,
  strikes: 26,
  gap: [500, 3_000],
  settleMs: 90_000,
  fleet: { gateways: 2, workers: 2 },
} as const;
const LONG = {
  films: 100,
  inFlight: 12,
  strikes: 240,
  gap: [500, 4_000],
  settleMs: 300_000,
  fleet: { gateways: 2, workers: 3 },
} as const;

const whole = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError('a whole number, please');
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
  only?: string[];
}

await program.parseAsync();

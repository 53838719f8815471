import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import type { Figure } from './figure.ts';
import { jsonOf, listOf, tableOf } from './report.ts';
import { runFigures } from './run-figures.ts';

interface Surroundings {
  figures: readonly Figure[];
  signal: AbortSignal;
  /** The table, or the list. */
  print: (text: string) => void;
  /** What is going on. */
  note: (line: string) => void;
}

/** Resolves to the exit code: 1 when a figure could not be measured. A target that is missed is told, and no failure. */
export async function bench(args: readonly string[], { figures, signal, print, note }: Surroundings): Promise<number> {
  let exitCode = 0;
  const command = new Command('bench')
    .description('Measures the product side by side with baselines, and with what was promised.')
    .option('--only <names>', 'only these figures or metrics, with commas between', listed, [])
    .option('--json <file>', 'write the figures there, too')
    .option('--list', 'say what there is to be measured')
    .exitOverride()
    .configureOutput({ writeErr: note })
    .action(async ({ only, json, list }: { only: string[]; json?: string; list?: true }) => {
      if (list === true) return print(listOf(figures));
      const started = Date.now();
      note(machine());
      const run = await runFigures(figures, { only, note, signal });
      print(tableOf(run));
      note(`${((Date.now() - started) / 1000).toFixed(0)} s, load ${loadavg()[0]?.toFixed(1)} at the end`);
      if (json !== undefined) {
        await mkdir(path.dirname(path.resolve(json)), { recursive: true });
        await writeFile(json, `${JSON.stringify(jsonOf(run), null, 2)}\n`);
      }
      for (const { error } of run.failures)
        note(error instanceof Error ? (error.stack ?? error.message) : String(error));
      exitCode = run.failures.length === 0 ? 0 : 1;
    });
  await command.parseAsync(args, { from: 'user' });
  return exitCode;
}

const listed = (text: string, before: string[]): string[] => [
  ...before,
  ...text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
];

const machine = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`;

import { Command, Option } from 'commander';
import { ConfigError, loadConfig } from '../config.ts';
import { DatabaseSetupError, DatabaseUnavailable, MigrationError } from '../database/errors.ts';
import { PermanentError } from '../domain/errors.ts';
import { StackError } from '../stack/events.ts';
import { StoreUnavailableError } from '../store/store-unavailable.ts';
import { TemporalCliError } from '../tools/temporal-cli.ts';
import { backup, type BackupCommand } from './backup.ts';
import { demo, type DemoOptions } from './demo.ts';
import { migrate } from './migrate.ts';
import { OPEN_RUNS } from './open-runs.ts';
import { prune } from './prune.ts';
import { relocate } from './relocate.ts';
import { restore, type RestoreCommand } from './restore.ts';
import { WishError } from './demo-request.ts';
import { GatewayError } from './gateway-client.ts';
import { start } from './start.ts';
import { tools } from './tools.ts';

/** Faults whose message says all that a person needs. */
const EXPECTED = [
  ...[ConfigError, StackError, TemporalCliError, PermanentError, WishError, GatewayError],
  ...[DatabaseSetupError, DatabaseUnavailable, MigrationError, StoreUnavailableError],
];

// Whoever read it has gone (EPIPE): no reason to fail.
process.stderr.on('error', () => {});

const program = new Command('mcp-bridge')
  .description('One line of theme in, one finished short video out.')
  .showHelpAfterError('Add --help for what there is.');

program
  .command('demo')
  .description('make one film, from nothing: starts a stack, orders the film, saves it, stops the stack')
  .option('--theme <line>', 'what the film is about (default: a theme of its own)')
  .option('--duration <seconds>', 'how long it lasts, 5 to 180 (default: 15)')
  .option('--out <folder>', 'where the film goes', 'out')
  .option('--aspect-ratio <ratio>', '9:16, 16:9, 1:1, 3:4 or 4:3')
  .option('--resolution <name>', '360p, 720p or 1080p')
  .option('--visual-style <words>', 'how the pictures should look')
  .option('--voice <id>', 'who speaks')
  .option('--request <file>', 'a JSON file with a whole request; the options above win over it')
  .option('--keep', 'leave the stack up until Ctrl-C, and its data folder for good')
  .action(async (options: DemoOptions) => end(() => demo(loadConfig(), options)));

program
  .command('start')
  .description('run everything on this machine until Ctrl-C')
  .action(async () => end(() => start(loadConfig())));

program
  .command('tools')
  .description('find, or install into the cache, the programs that are needed: Temporal CLI and ffmpeg')
  .action(async () => end(() => tools(loadConfig())));

program
  .command('migrate')
  .description('bring the database to this release: 0 done, 1 it cannot be reached, 2 it does not fit this release')
  .action(async () => end(() => migrate(loadConfig())));

program
  .command('prune')
  .description('remove what nobody needs: assets and drafts older than RETENTION_DAYS, leftovers of a day ago')
  .option('--dry-run', 'only say what would be removed')
  .action(async (options: { dryRun?: boolean }) => end(() => prune(loadConfig(), options)));

program
  .command('backup')
  .description('rows, objects, configuration and key into a folder; 0 done, 1 failed, 2 refused, 3 done with losses')
  .requiredOption('--out <folder>', 'where it goes: a new or empty folder')
  .option('--update', 'bring the backup in that folder up to date, or end one that was interrupted')
  .option('--json', 'one line of JSON on stdout')
  .action(async (options: BackupCommand) => end(() => backup(loadConfig(), options)));

program
  .command('restore')
  .description('bring a backup back, with the product stopped; 0 done, 1 failed, 2 refused')
  .requiredOption('--from <folder>', 'the backup')
  .option('--force', 'replace rows that are there')
  .option('--config', 'bring the configuration back too, over what is there')
  .addOption(
    new Option('--open-runs <what>', 'what becomes of runs open in Temporal').choices(OPEN_RUNS).default('refuse'),
  )
  .option('--json', 'one line of JSON on stdout')
  .action(async (options: RestoreCommand) => end(() => restore(loadConfig(), options)));

program
  .command('draft')
  .description('work on a finished CapCut/JianYing draft')
  .command('relocate')
  .description('make a draft open from another folder: brings it there and rewrites the paths inside')
  .argument('<draft>', 'the draft: its ZIP, or its folder')
  .requiredOption('--to <folder>', "the app's folder of drafts, on the machine that opens them")
  .action(async (draft: string, { to }: { to: string }) => end(() => relocate(draft, to)));

program
  .command('gateway')
  .description('run the HTTP gateway alone')
  .action(async () => {
    await import('../api/main.ts');
  });

program
  .command('worker')
  .description('run a worker alone')
  .option('--queues <names>', 'task queues it serves, with commas between (default: all that have work)')
  .action(async ({ queues }: { queues?: string }) => {
    // eslint-disable-next-line no-restricted-properties -- written, not read: config.ts reads it in the module below
    if (queues !== undefined) process.env['WORKER_QUEUES'] = queues;
    await import('../workers/main.ts');
  });

program
  .command('database')
  .description('serve the embedded database of DATA_DIR alone')
  .action(async () => {
    await import('../database/main.ts');
  });

program
  .command('sandbox')
  .description('run the stand-in for the outside services alone')
  .action(async () => {
    await import('../../sandbox/main.ts');
  });

await program.parseAsync();

/** Runs a command to its end. Leaves explicitly: an idle connection must not keep a finished command alive. */
async function end(command: () => Promise<number>): Promise<never> {
  try {
    process.exit(await command());
  } catch (error) {
    const expected = EXPECTED.some((known) => error instanceof known);
    process.stderr.write(`${expected ? (error as Error).message : String((error as Error).stack ?? error)}\n`);
    process.exit(1);
  }
}

import { Argument, Command, Option } from 'commander';
import { McpBridgeError } from '../client/index.ts';
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
import { openapi } from './openapi.ts';
import { prune } from './prune.ts';
import { relocate } from './relocate.ts';
import { completionScript, type Shell, SHELLS } from './completion.ts';
import { configCheck } from './config-check.ts';
import { doctor } from './doctor.ts';
import { check, unzip } from './draft.ts';
import { codeOf, DONE, FAILED, REFUSED } from './exit-codes.ts';
import type { FilmWishes } from './film-request.ts';
import type { FollowOptions } from './follow-video.ts';
import { faultInWords, type GatewayOptions } from './gateway.ts';
import { generate, type GenerateOptions } from './generate.ts';
import { cancel, estimate, get, list, type ListOptions, watch } from './videos.ts';
import { restore, type RestoreCommand } from './restore.ts';
import { WishError } from './film-request.ts';
import { start } from './start.ts';
import { tools } from './tools.ts';
import { listDeadLetters, replayDeadLetters, showSecrets } from './webhooks.ts';

/** Faults whose message says all that a person needs. */
const EXPECTED = [
  ...[ConfigError, StackError, TemporalCliError, PermanentError, WishError],
  ...[DatabaseSetupError, DatabaseUnavailable, MigrationError, StoreUnavailableError],
];

// Whoever read it has gone (EPIPE): no reason to fail.
process.stderr.on('error', () => {});

const program = new Command('mcp-bridge')
  .description('One line of theme in, one finished short video out.')
  .showHelpAfterError('Add --help for what there is.')
  // Before any command is added: they take it over.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? DONE : REFUSED));

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

const ofGateway = (command: Command): Command =>
  command
    .option('--url <address>', 'the gateway (default: MCP_BRIDGE_URL, else this machine’s)')
    .option('--json', 'JSON on stdout, for scripts');

const ofFilm = (command: Command): Command =>
  command
    .argument('[theme]', 'what the film is about, in one line')
    .option('--duration <seconds>', 'how long it lasts, 5 to 180')
    .option('--aspect-ratio <ratio>', '9:16, 16:9, 1:1, 3:4 or 4:3')
    .option('--resolution <name>', '360p, 720p or 1080p')
    .option('--fps <number>', '24, 25, 30 or 60')
    .option('--format <name>', 'mp4 or webm')
    .option('--asset-type <name>', 'text_to_image (stills) or text_to_video (clips)')
    .option('--visual-style <words>', 'how the pictures should look')
    .option('--voice <id>', 'who speaks')
    .option('--language <tag>', 'of the narration, such as zh-CN')
    .option('--no-tts', 'no narration')
    .option('--captions <kind>', 'karaoke, line or none')
    .option('--bgm <music>', 'auto, none, or the id of an uploaded piece')
    .option('--priority <number>', '1 (first) to 5')
    .option('--deadline <time>', 'RFC 3339: by when it should be there')
    .option('--max-cost <CNY>', 'buy nothing that would pass this')
    .option('--request <file>', 'a JSON file with a whole request; the options above win over it');

ofGateway(ofFilm(program.command('generate')))
  .description('ask a gateway for a film and wait for it: 0 as asked, 3 partial, 4 failed, 5 stopped')
  .option('--out <folder>', 'save the film, its captions and its draft there')
  .option('--no-wait', 'only ask for it, and print its id')
  .option('--cancel-on-interrupt', 'Ctrl-C cancels the video instead of leaving it')
  .option('--idempotency-key <key>', 'makes repetitions of this command one order')
  .action(async (theme: string | undefined, options: GenerateOptions) =>
    end(() => generate(loadConfig(), theme, options)),
  );

ofGateway(program.command('watch'))
  .description('show the making of a video until it has ended; exit codes as of generate')
  .argument('<id>', 'the video')
  .option('--out <folder>', 'save the film, its captions and its draft there')
  .option('--cancel-on-interrupt', 'Ctrl-C cancels the video instead of leaving it')
  .action(async (id: string, options: FollowOptions) => end(() => watch(loadConfig(), id, options)));

ofGateway(program.command('list'))
  .description('videos, newest first')
  .option('--status <name>', 'only those that are queued, running, success, partial, …')
  .option('--asset-type <name>', 'only those of text_to_image or text_to_video')
  .option('--limit <number>', 'how many, 1 to 100', '20')
  .action(async (options: ListOptions) => end(() => list(loadConfig(), options)));

ofGateway(program.command('get'))
  .description('how a video stands')
  .argument('<id>', 'the video')
  .option('--out <folder>', 'save a finished one there')
  .action(async (id: string, options: FollowOptions) => end(() => get(loadConfig(), id, options)));

ofGateway(program.command('cancel'))
  .description('cancel a video that is under way')
  .argument('<id>', 'the video')
  .action(async (id: string, options: GatewayOptions) => end(() => cancel(loadConfig(), id, options)));

ofGateway(ofFilm(program.command('estimate')))
  .description('what a film would cost; starts and buys nothing')
  .action(async (theme: string | undefined, options: FilmWishes & GatewayOptions) =>
    end(() => estimate(loadConfig(), theme, options)),
  );

program
  .command('doctor')
  .description('look whether all a film needs is there, and say what helps: 0 it is, 1 it is not')
  .option('--json', 'one line of JSON on stdout')
  .action(async (options: { json?: boolean }) => end(() => doctor(options)));

program
  .command('config')
  .description('work on the configuration')
  .command('check')
  .description('read every variable and file, and name what is wrong: 0 valid, 2 not')
  .option('--json', 'one line of JSON on stdout')
  .action(async (options: { json?: boolean }) => end(() => Promise.resolve(configCheck(options))));

program
  .command('completion')
  .description('print what lets a shell complete these commands: eval "$(mcp-bridge completion bash)"')
  .addArgument(new Argument('<shell>', 'which').choices(SHELLS))
  .action((shell: Shell) => void process.stdout.write(completionScript(program, shell)));

program
  .command('openapi')
  .description('print the HTTP API as OpenAPI 3.1, as a gateway serves it on /openapi.json')
  .action(async () => end(openapi));

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

const drafts = program.command('draft').description('work on a finished CapCut/JianYing draft');

drafts
  .command('unzip')
  .description('unpack a downloaded draft into a folder that opens from there')
  .argument('<zip>', 'the draft')
  .option('--to <folder>', 'where its folder goes', '.')
  .action(async (zip: string, { to }: { to: string }) => end(() => unzip(zip, to)));

drafts
  .command('check')
  .description('look whether a draft’s folder is whole where it lies')
  .argument('<draft>', 'its folder')
  .action(async (draft: string) => end(() => check(draft)));

drafts
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

const webhooks = program.command('webhooks').description('events that receivers are told of (webhook_url)');
webhooks
  .command('list')
  .description('the dead letters: events that no receiver has taken')
  .option('--json', 'one line of JSON on stdout')
  .action(async (options: { json?: boolean }) => end(() => listDeadLetters(loadConfig(), options)));
webhooks
  .command('replay')
  .description('send dead letters again')
  .argument('[ids...]', 'which')
  .option('--all', 'all of them')
  .action(async (ids: string[], options: { all?: boolean }) =>
    end(() => replayDeadLetters(loadConfig(), ids, options)),
  );
webhooks
  .command('secret')
  .description('what receivers check signatures with')
  .action(async () => end(() => showSecrets(loadConfig())));

program
  .command('mcp')
  .description('run the MCP server alone: Streamable HTTP, or stdio for a client that starts it')
  .option('--stdio', 'speak MCP on stdin and stdout')
  .action(async () => {
    await import('../api/mcp/main.ts');
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
    if (error instanceof McpBridgeError) {
      process.stderr.write(`${faultInWords(error)}\n`);
      process.exit(codeOf(error));
    }
    const expected = EXPECTED.some((known) => error instanceof known);
    process.stderr.write(`${expected ? (error as Error).message : String((error as Error).stack ?? error)}\n`);
    process.exit(error instanceof WishError ? REFUSED : FAILED);
  }
}

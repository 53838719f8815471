import { existsSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { Redis } from 'ioredis';
import { McpBridgeClient } from '../client/index.ts';
import { type Config, ConfigError, loadConfig } from '../config.ts';
import { Database, databaseTarget } from '../database/database.ts';
import { readPrompts } from '../read-prompts.ts';
import { checkFonts } from '../render/fonts.ts';
import { usesSandbox } from '../stack/programs.ts';
import { PORT_VARIABLES, type PortName } from '../stack/ports.ts';
import { openAssetStore } from '../store/open-asset-store.ts';
import { connectionOptions } from '../temporal/connection.ts';
import { findFfmpeg } from '../tools/ffmpeg.ts';
import { findTemporalCli } from '../tools/temporal-cli.ts';
import { DONE, FAILED } from './exit-codes.ts';
import { tell } from './gateway.ts';

const ANSWER_MS = 4_000;
/** A long film's work folder with its clips takes half a gigabyte; Temporal's and our own databases grow. */
const SPACE_LOW_BYTES = 5 * 1024 ** 3;
const SPACE_OUT_BYTES = 1024 ** 3;

interface Finding {
  check: string;
  /** `note`: works, and is to be known. */
  state: 'ok' | 'note' | 'fault';
  found: string;
  remedy: string | null;
}

type Look = () => Promise<Omit<Finding, 'check'>>;

const ok = (found: string): Omit<Finding, 'check'> => ({ state: 'ok', found, remedy: null });
const note = (found: string, remedy: string): Omit<Finding, 'check'> => ({ state: 'note', found, remedy });
const fault = (found: string, remedy: string): Omit<Finding, 'check'> => ({ state: 'fault', found, remedy });

/** `mcp-bridge doctor`: what a film needs, each with what helps where it is missing. Changes nothing. Resolves to the exit code. */
export async function doctor(options: { json?: boolean }): Promise<number> {
  const findings: Finding[] = [await examine('Node', nodeVersion)];
  const config = readConfig(findings);
  if (config !== null) {
    const looks = looksOf(config);
    findings.push(...(await Promise.all(Object.entries(looks).map(([check, look]) => examine(check, look)))));
  }
  const isWell = findings.every(({ state }) => state !== 'fault');
  tell(
    { ok: isWell, findings },
    [...findings.flatMap(inWords), isWell ? 'All a film needs is there.' : 'Not all a film needs is there.'],
    options,
  );
  return isWell ? DONE : FAILED;
}

const MARKS = { ok: '✓', note: '–', fault: '✗' } as const;

const inWords = ({ check, state, found, remedy }: Finding): string[] => [
  `${MARKS[state]} ${check.padEnd(14)} ${found}`,
  ...(remedy === null ? [] : [`  ${''.padEnd(14)} → ${remedy}`]),
];

/** A look that fails has found something, too. */
async function examine(check: string, look: Look): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    const [message = 'unknown'] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { check, ...fault(message, REMEDIES[check] ?? 'See the message.') };
  }
}

/** What helps where a look has failed with a message of its own. */
const REMEDIES: Record<string, string> = {
  'Temporal CLI': '`mcp-bridge tools` installs it into the cache; TEMPORAL_CLI_PATH names another.',
  ffmpeg: '`mcp-bridge tools` installs one into the cache; FFMPEG_PATH names another.',
  fonts: 'npm ci',
  assets: 'Check the S3_… variables, or DATA_DIR.',
  database: 'Check DATABASE_URL; `mcp-bridge migrate` brings it to this release.',
  Redis: 'Check REDIS_URL; without it events are found twice a second.',
  'disk space': 'Make DATA_DIR a folder that can be written.',
};

function readConfig(findings: Finding[]): Config | null {
  try {
    const config = loadConfig();
    readPrompts(config.configDir);
    findings.push({ check: 'configuration', ...ok(config.configDir) });
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    findings.push({
      check: 'configuration',
      ...fault(error.message, 'Correct what it names; `mcp-bridge config check` looks again.'),
    });
    return null;
  }
}

const looksOf = (config: Config): Record<string, Look> => ({
  'Temporal CLI': () => temporalCli(config),
  ...{ Temporal: () => temporal(config), ffmpeg: () => ffmpeg(config), fonts: () => Promise.resolve(fonts()) },
  ...{ keys: () => Promise.resolve(keys(config)), channels: () => channels(config) },
  ...{ database: () => database(config), assets: () => assets(config) },
  ...(config.redisUrl === null ? {} : { Redis: () => redis(config.redisUrl as string) }),
  'disk space': () => diskSpace(config),
  ports: () => ports(config),
});

const nodeVersion: Look = () => Promise.resolve(ok(process.version));

async function temporalCli({ tools, cacheDir, temporal }: Config): ReturnType<Look> {
  if (!isOwnServer(temporal.address)) return ok('not needed: TEMPORAL_ADDRESS names a server');
  const wish = { explicitPath: tools.temporalCliPath, cacheDir, onNote: () => {}, downloadUrl: null, mayBuild: false };
  const { path: file, version } = await findTemporalCli(wish);
  return ok(`${file} (${version})`);
}

const isOwnServer = (address: string): boolean => /^(127\.0\.0\.1|localhost):/.test(address);

async function temporal({ temporal: settings }: Config): ReturnType<Look> {
  try {
    const connection = await Connection.connect({ ...connectionOptions(settings), connectTimeout: ANSWER_MS });
    await connection.close();
    return ok(`answers at ${settings.address}`);
  } catch {
    const found = `nothing answers at ${settings.address}`;
    return isOwnServer(settings.address)
      ? note(found, '`npm start` runs one; for another set TEMPORAL_ADDRESS.')
      : fault(found, 'Check TEMPORAL_ADDRESS, TEMPORAL_TLS and TEMPORAL_API_KEY.');
  }
}

async function ffmpeg({ tools, cacheDir }: Config): ReturnType<Look> {
  const wish = { explicitPath: tools.ffmpegPath, cacheDir, onNote: () => {}, mayInstall: false };
  const { path: file, version } = await findFfmpeg(wish);
  return ok(`${file} (${version}), with every filter and encoder that is used`);
}

function fonts(): Omit<Finding, 'check'> {
  checkFonts();
  return ok('all there');
}

function keys(config: Config): Omit<Finding, 'check'> {
  if (usesSandbox(config))
    return note(
      'the sandbox is used: its films are not a model’s',
      'Set ARK_API_KEY, and SPEECH_API_KEY or SPEECH_APP_ID and SPEECH_ACCESS_TOKEN.',
    );
  if (config.speech.credentials === null)
    return fault(
      'Ark has a key, Doubao Speech has none',
      'Set SPEECH_API_KEY, or SPEECH_APP_ID and SPEECH_ACCESS_TOKEN.',
    );
  return ok('Ark and Doubao Speech have keys; nothing was asked of them');
}

/** Only whether somebody answers: a call would be paid, or leave a draft. */
async function channels({ channels: { doubao, capcut } }: Config): ReturnType<Look> {
  const ways = Object.entries({ 'Doubao MCP': doubao.mcp, 'CapCut MCP': capcut.mcp, 'CapCut HTTP': capcut.http });
  const used = ways.filter(([, way]) => way !== null);
  if (used.length === 0) return ok('none besides HTTP to Doubao and the draft of our own');
  const found = await Promise.all(used.map(async ([name, way]) => ({ name, fault: await silenceOf(way) })));
  const silent = found.filter((each) => each.fault !== null);
  if (silent.length === 0) return ok(`${found.map(({ name }) => name).join(', ')} can be reached`);
  return note(
    silent.map(({ name, fault: why }) => `${name}: ${why}`).join('; '),
    'Other ways are taken while it is away. Start it, or correct channels_config.yaml, DOUBAO_MCP_URL, CAPCUT_MCP_URL or CAPCUT_HTTP_URL.',
  );
}

/** Null: somebody is there. */
async function silenceOf(way: object | null): Promise<string | null> {
  if (way === null) return null;
  if ('url' in way && typeof way.url === 'string') {
    const { url } = way;
    return fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
      async (response) => (await response.body?.cancel(), null),
      () => `nothing answers at ${new URL(url).origin}`,
    );
  }
  const { command } = way as { command?: string };
  if (command === undefined || (await isProgram(command))) return null;
  return `there is no program ${command}`;
}

async function isProgram(command: string): Promise<boolean> {
  const { PATH: folders = '' } = loadConfig().environment;
  const files = command.includes('/') ? [command] : folders.split(path.delimiter).map((dir) => path.join(dir, command));
  const there = await Promise.all(
    files.map((file) =>
      access(file, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return there.includes(true);
}

async function database(config: Config): ReturnType<Look> {
  const database = new Database(databaseTarget(config), { connections: 1 });
  try {
    await database.session((session) => session.query('select 1'));
    return ok(config.databaseUrl === null ? 'the embedded one answers' : 'PostgreSQL answers');
  } catch (error) {
    if (config.databaseUrl !== null) throw error;
    return note('the embedded one is not being served', '`npm start` serves it, and `mcp-bridge database` alone.');
  } finally {
    await database.close();
  }
}

async function assets(config: Config): ReturnType<Look> {
  await openAssetStore(config);
  return ok(config.s3 === null ? `a folder in ${config.dataDir}` : `the bucket ${config.s3.bucket}`);
}

async function redis(url: string): ReturnType<Look> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: ANSWER_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.ping();
    return ok('answers');
  } finally {
    client.disconnect();
  }
}

async function diskSpace({ dataDir }: Config): ReturnType<Look> {
  // What is not there yet will be made in the first folder above that is.
  let folder = dataDir;
  while (!existsSync(folder)) folder = path.dirname(folder);
  await access(folder, constants.W_OK);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${(free / 1024 ** 3).toFixed(1)} GB free in ${dataDir}`;
  if (free < SPACE_OUT_BYTES)
    return fault(found, 'Make room: a film needs half a gigabyte; `mcp-bridge prune` removes what nobody needs.');
  return free < SPACE_LOW_BYTES ? note(found, '`mcp-bridge prune` removes what nobody needs.') : ok(found);
}

async function ports(config: Config): ReturnType<Look> {
  const names = Object.keys(PORT_VARIABLES) as PortName[];
  const taken = (
    await Promise.all(names.map(async (name) => ({ name, free: await isFree(config.ports[name]) })))
  ).filter(({ free }) => !free);
  if (taken.length === 0) return ok('all free');
  const which = taken.map(({ name }) => `${config.ports[name]} (${PORT_VARIABLES[name]})`).join(', ');
  if (await ourGatewayAnswers(config)) return ok(`taken by a stack that runs: ${which}`);
  return note(
    `taken: ${which}`,
    'A stack that is not ours has them, or another program: set those variables to other ports.',
  );
}

async function isFree(port: number): Promise<boolean> {
  if (port === 0) return true;
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

const ourGatewayAnswers = ({ gatewayUrl }: Config): Promise<boolean> =>
  new McpBridgeClient({ baseUrl: gatewayUrl, patienceMs: 0, answerMs: ANSWER_MS }).health().then(
    () => true,
    () => false,
  );

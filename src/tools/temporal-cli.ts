import { execFile, spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { writeTo } from '../store/write-to.ts';
import { withPidLock } from './install-lock.ts';

const execute = promisify(execFile);

export const TEMPORAL_CLI_VERSION = 'v1.5.1';
const OLDEST_SERVER: readonly [number, number] = [1, 29]; // fairness and worker heartbeats came with it
const GO_PACKAGE = `github.com/temporalio/cli/cmd/temporal@${TEMPORAL_CLI_VERSION}`; // newer tags do not install this way
const DOWNLOAD_URL = `https://temporal.download/cli/archive/${TEMPORAL_CLI_VERSION}`;
const DOWNLOAD_ANSWER_MS = 10_000; // no answer by then means no way out: do not keep a newcomer waiting
const DOWNLOAD_WHOLE_MS = 180_000; // about 50 MB
const GO_INSTALL_MS = 30 * 60_000; // nine minutes on two cores
const HEARTBEAT_MS = 30_000;
const VERSION_MS = 20_000;

export interface TemporalCli {
  path: string;
  /** As the program itself says it, such as `1.5.1 (Server 1.29.1, UI 2.42.1)`. */
  version: string;
}

export interface FindTemporalCliOptions {
  /** The value of TEMPORAL_CLI_PATH: used as it is, or refused. */
  explicitPath: string | null;
  cacheDir: string;
  /** Told what takes its time. */
  onNote: (message: string) => void;
  /** Where the official archive comes from; another address is for tests only. Null: do not download. */
  downloadUrl?: string | null;
  /** Whether it may be built with Go when nothing else works. */
  mayBuild?: boolean;
}

/** No usable Temporal CLI: the message says what was tried and what to install. */
export class TemporalCliError extends Error {
  override readonly name = 'TemporalCliError';
}

/** Finds the Temporal CLI: the given path, PATH, the per-user cache; else puts it there by download or with Go. */
export async function findTemporalCli(options: FindTemporalCliOptions): Promise<TemporalCli> {
  const { explicitPath, cacheDir, onNote } = options;
  if (explicitPath !== null) return explicit(explicitPath);

  const onPath = await probe('temporal');
  if (onPath !== null && recentEnough(onPath.version)) return { ...onPath, path: await placeOnPath() };
  if (onPath !== null) onNote(`The Temporal CLI on PATH is too old (${onPath.version}): not using it.`);

  const home = path.join(cacheDir, 'temporal-cli', TEMPORAL_CLI_VERSION);
  const cached = path.join(home, 'temporal');
  return (
    (await probe(cached)) ??
    withPidLock(
      `${home}.lock`,
      (pid) => onNote(`Process ${pid} is installing the Temporal CLI; waiting for it.`),
      async () => (await probe(cached)) ?? install({ ...options, cached }),
    )
  );
}

async function explicit(file: string): Promise<TemporalCli> {
  const found = await probe(file);
  if (found !== null) return found;
  throw new TemporalCliError(`TEMPORAL_CLI_PATH is "${file}", which is not a Temporal CLI that runs here.`);
}

interface InstallOptions extends FindTemporalCliOptions {
  cached: string;
}

async function install(options: InstallOptions): Promise<TemporalCli> {
  const { cached, onNote, downloadUrl = DOWNLOAD_URL, mayBuild = true } = options;
  await rm(path.dirname(cached), { recursive: true, force: true }); // what an interrupted install left
  await mkdir(path.dirname(cached), { recursive: true });
  // Beside its final place, so that the rename at the end is one step on one file system.
  const scratch = await mkdtemp(path.join(path.dirname(cached), 'new-'));
  const tried: string[] = [];
  try {
    const ways = [
      ...(downloadUrl === null ? [] : [() => download(downloadUrl, scratch, onNote)]),
      ...(mayBuild ? [() => buildWithGo(scratch, onNote)] : []),
    ];
    for (const way of ways) {
      try {
        const binary = await way();
        if ((await probe(binary)) === null) throw new TemporalCliError('what came does not run on this machine');
        await rename(binary, cached);
        const found = await probe(cached);
        if (found !== null) return found;
      } catch (error) {
        tried.push(messageOf(error));
        onNote(`  ${messageOf(error)}`);
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  throw new TemporalCliError(
    [
      'The Temporal CLI is needed and could not be installed:',
      ...tried.map((line) => `  - ${line}`),
      `Install it (https://docs.temporal.io/cli), or Go, or set TEMPORAL_CLI_PATH to a temporal program.`,
    ].join('\n'),
  );
}

async function download(baseUrl: string, scratch: string, onNote: (message: string) => void): Promise<string> {
  const url = `${baseUrl}?platform=${platform()}&arch=${architecture()}`;
  onNote(`Downloading the Temporal CLI ${TEMPORAL_CLI_VERSION} from ${new URL(url).host} (about 50 MB, once).`);
  const archive = path.join(scratch, 'temporal.tar.gz');
  const whole = new AbortController();
  const timers = [
    setTimeout(() => whole.abort(), DOWNLOAD_WHOLE_MS),
    setTimeout(() => whole.abort(), DOWNLOAD_ANSWER_MS),
  ];
  try {
    const response = await fetch(url, { signal: whole.signal });
    clearTimeout(timers[1]);
    if (!response.ok || response.body === null) throw new TemporalCliError(`the answer was ${response.status}`);
    await writeTo(archive, Readable.fromWeb(response.body));
    await execute('tar', ['-xzf', archive, '-C', scratch, 'temporal']);
  } catch (error) {
    throw new TemporalCliError(`Download: ${whole.signal.aborted ? 'no answer in time' : messageOf(error)}.`);
  } finally {
    timers.forEach(clearTimeout);
  }
  return path.join(scratch, 'temporal');
}

async function buildWithGo(scratch: string, onNote: (message: string) => void): Promise<string> {
  if ((await output('go', ['version'])) === null) throw new TemporalCliError('Build: there is no Go on this machine.');
  onNote(`Building the Temporal CLI ${TEMPORAL_CLI_VERSION} with Go: once, about nine minutes on two cores.`);
  const started = Date.now();
  const heartbeat = setInterval(() => {
    onNote(`  still building the Temporal CLI (${Math.round((Date.now() - started) / 1000)} s)`);
  }, HEARTBEAT_MS);
  try {
    await runToEnd('env', [`GOBIN=${scratch}`, 'go', 'install', GO_PACKAGE], GO_INSTALL_MS);
  } catch (error) {
    throw new TemporalCliError(`Build: go install failed: ${messageOf(error)}`);
  } finally {
    clearInterval(heartbeat);
  }
  onNote(`Built the Temporal CLI in ${Math.round((Date.now() - started) / 1000)} s.`);
  return path.join(scratch, 'temporal');
}

/** Runs a long program; fails with the last lines it wrote. */
function runToEnd(file: string, args: string[], timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: timeoutMs });
    let tail = '';
    child.stderr.on('data', (chunk: Buffer) => (tail = `${tail}${chunk.toString()}`.slice(-2000)));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${signal ?? `exit code ${code}`}: ${tail.trim().split('\n').slice(-3).join(' / ')}`));
    });
  });
}

/** What the program says of itself; null when it does not run or is something else. */
async function probe(file: string): Promise<TemporalCli | null> {
  const version = /^temporal version (.+)$/m.exec((await output(file, ['--version'])) ?? '')?.[1];
  return version === undefined ? null : { path: file, version };
}

function recentEnough(version: string): boolean {
  const [, major, minor] = /Server (\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return true;
  const [oldestMajor, oldestMinor] = OLDEST_SERVER;
  return Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor);
}

async function placeOnPath(): Promise<string> {
  const file = (await output('sh', ['-c', 'command -v temporal']))?.trim() ?? '';
  return path.isAbsolute(file) && (await exists(file)) ? file : 'temporal';
}

async function output(file: string, args: string[]): Promise<string | null> {
  try {
    return (await execute(file, args, { timeout: VERSION_MS })).stdout;
  } catch {
    return null; // not there, or not a program: the caller asks no more than that
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function platform(): string {
  if (process.platform === 'linux' || process.platform === 'darwin') return process.platform;
  throw new TemporalCliError(`Download: there is none for ${process.platform} in this form.`);
}

function architecture(): string {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new TemporalCliError(`Download: there is none for ${process.arch}.`);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch hides what happened ("fetch failed") in its cause.
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

import path from 'node:path';
import type { Config } from '../config.ts';
import { findFfmpeg } from '../tools/ffmpeg.ts';
import { type PidLock, tryPidLock } from '../tools/install-lock.ts';
import { findTemporalCli } from '../tools/temporal-cli.ts';
import { type ProgramName, type StackEvent, StackError } from './events.ts';
import { type Ports, type Reservation, reservePorts } from './ports.ts';
import { type ProgramOptions, type Programs, programs as ours, stackEnvironment, usesSandbox } from './programs.ts';
import { startReaper } from './reaper.ts';
import { SupervisedProgram } from './supervised-program.ts';

export interface StackOptions {
  config: Config;
  onEvent: (event: StackEvent) => void;
  /** Take the next free port where one that nobody asked for by variable is taken. */
  movePorts?: boolean;
  /** Gives up a start that is under way. */
  signal?: AbortSignal;
  /** Other programs in place of the product's, for tests of the supervision itself. */
  programs?: (options: ProgramOptions) => Programs;
}

/** A running one-machine stack. */
export interface Stack {
  readonly urls: {
    gateway: string;
    mcp: string;
    temporalUi: string;
    temporal: string;
    metrics: string;
    sandbox: string | null;
  };
  readonly ports: Ports;
  readonly dataDir: string;
  /** The environment its programs run in. */
  readonly env: Readonly<Record<string, string>>;
  /** Running programs, for who wants to look at them or kill one. */
  pid(name: ProgramName): number | null;
  restarts(name: ProgramName): number;
  /**
   * Every process of the stack has ended when this resolves. `discard`: its data is not needed any more. `atOnce`: nobody
   * is asked to end in order, not even where a stop is under way.
   */
  stop(options?: { discard?: boolean; atOnce?: boolean }): Promise<void>;
}

/** Starts Temporal, the sandbox (without keys), the database (without a URL), a worker and the gateway, and keeps them running until stopped. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { config, movePorts = false, signal } = options;
  const claim = claimDataDir(config.dataDir);
  let reservation: Reservation | undefined;
  try {
    const tools = await findTools(options);
    reservation = await reservePorts(config, { movable: movePorts });
    signal?.throwIfAborted();
    return await raise({ ...options, ...tools, claim, reservation });
  } catch (error) {
    reservation?.release();
    claim.release();
    throw error;
  }
}

interface Foundation extends StackOptions {
  temporalCli: string;
  ffmpeg: string;
  claim: PidLock;
  reservation: Reservation;
}

async function raise(foundation: Foundation): Promise<Stack> {
  const { config, onEvent, signal, reservation, claim, temporalCli, ffmpeg } = foundation;
  const { ports } = reservation;
  const programOptions = { config, ports, temporalCli, ffmpeg };
  const specs = (foundation.programs ?? ours)(programOptions);
  const reaper = startReaper();
  const around = { logDir: path.join(config.dataDir, 'logs'), reaper, onEvent };
  const running = [specs.temporal, specs.sandbox, specs.database, specs.worker, specs.gateway]
    .filter((spec) => spec !== null)
    .map((spec) => new SupervisedProgram(spec, around));
  const named = (name: ProgramName) => running.find((program) => program.name === name);

  const stop = once(async (discard: boolean) => {
    await stopPrograms(named, discard);
    await reaper.end();
    reservation.release();
    claim.release();
  });
  try {
    await startPrograms(named, signal);
  } catch (error) {
    await stop(false);
    throw error;
  }
  return {
    urls: urlsOf(config, ports),
    ports,
    dataDir: config.dataDir,
    env: stackEnvironment(programOptions),
    pid: (name) => named(name)?.pid ?? null,
    restarts: (name) => named(name)?.restarts ?? 0,
    stop: async ({ discard = false, atOnce = false } = {}) => {
      if (atOnce) await Promise.all(running.map((program) => program.stop({ atOnce })));
      await stop(discard);
    },
  };
}

type Named = (name: ProgramName) => SupervisedProgram | undefined;

/** What serves first, then who needs it. */
async function startPrograms(named: Named, signal: AbortSignal | undefined): Promise<void> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  aborted.catch(() => {});
  const start = (...names: ProgramName[]) =>
    Promise.race([aborted, Promise.all(names.map((name) => named(name)?.start()))]);
  await start('temporal', 'sandbox', 'database');
  await start('worker', 'gateway');
}

/** The other way round: nobody loses what he still needs to end in order. */
async function stopPrograms(named: Named, discard: boolean): Promise<void> {
  await Promise.all([named('gateway')?.stop(), named('worker')?.stop()]);
  await Promise.all([named('sandbox')?.stop(), named('database')?.stop()]);
  await named('temporal')?.stop({ atOnce: discard });
}

async function findTools({ config, onEvent, signal }: StackOptions): Promise<{ temporalCli: string; ffmpeg: string }> {
  const onNote = (message: string) => onEvent({ type: 'note', message });
  const { cacheDir, tools } = config;
  const [temporalCli, ffmpeg] = await Promise.all([
    findTemporalCli({ explicitPath: tools.temporalCliPath, cacheDir, onNote }),
    findFfmpeg({ explicitPath: tools.ffmpegPath, cacheDir, onNote }),
  ]);
  signal?.throwIfAborted();
  return { temporalCli: temporalCli.path, ffmpeg: ffmpeg.path };
}

/** One stack per data folder: two dev servers on one database file would ruin it. */
function claimDataDir(dataDir: string): PidLock {
  const lock = tryPidLock(path.join(dataDir, 'stack.lock'));
  if (!('heldBy' in lock)) return lock;
  throw new StackError(
    `A stack (process ${lock.heldBy}) already runs on ${dataDir}. Stop it, or choose another folder with DATA_DIR.`,
  );
}

function urlsOf(config: Config, ports: Ports): Stack['urls'] {
  const host = config.gatewayHost === '0.0.0.0' || config.gatewayHost === '::' ? '127.0.0.1' : config.gatewayHost;
  return {
    gateway: `http://${host.includes(':') ? `[${host}]` : host}:${ports.gateway}`,
    mcp: `http://127.0.0.1:${ports.mcp}/mcp`,
    temporalUi: `http://127.0.0.1:${ports.temporalUi}`,
    temporal: `127.0.0.1:${ports.temporal}`,
    metrics: `http://127.0.0.1:${ports.metrics}/metrics`,
    sandbox: usesSandbox(config) ? `http://127.0.0.1:${ports.sandbox}` : null,
  };
}

/** Later calls join the first. */
function once(work: (discard: boolean) => Promise<void>): (discard: boolean) => Promise<void> {
  let done: Promise<void> | undefined;
  return (discard) => (done ??= work(discard));
}

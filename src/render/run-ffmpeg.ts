import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { guardedInputs } from './guarded-inputs.ts';
import { ownerMark } from './owner.ts';

/** An ffmpeg that shows no progress for this long hangs. */
const NO_PROGRESS_MS = 10_000;
/** Between SIGTERM and SIGKILL: when nobody waits for its end, and when the one who cancelled does. */
const HUNG_GRACE_MS = 2_000;
const ABORT_GRACE_MS = 1_000;
/** To glibc: what is as large as a frame is mapped by itself and given back; left to itself it soon stops doing so, for 20 MiB an encoder. */
const GIVE_BACK = 'MALLOC_MMAP_THRESHOLD_=1048576';
const STDERR_TAIL_BYTES = 2_048;
/** loudnorm's report is printed at the end; ffmpeg's other lines are few at `-v warning`. */
const MAX_REPORT_BYTES = 64 * 1024;

export interface FfmpegRun {
  ffmpeg: string;
  args: readonly string[];
  cwd: string;
  signal: AbortSignal;
  onFrame?: (frame: number) => void;
  noProgressMs?: number;
  /** What it reads as its input `DRAWN_FRAMES`; each part is read up before the next is asked for. */
  input?: Iterable<Uint8Array>;
}

/**
 * ffmpeg ended with an error of its own, and said so (`exitCode`: its verdict, on what it was given or on a full disk), or
 * by a signal (null: a crash, a hang, no memory), which another attempt may not meet. The message has its last words.
 */
export class FfmpegError extends Error {
  override readonly name = 'FfmpegError';
  readonly exitCode: number | null;

  constructor(message: string, exitCode: number | null) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs ffmpeg to its end and gives its last stderr. It reads files and nothing else (`guardedInputs`). No process outlives this call: abort, a hang and even the death of
 * this process (where setpriv exists) end it.
 * @throws the signal's reason on abort; FfmpegError when ffmpeg fails or hangs.
 */
export async function runFfmpeg(run: FfmpegRun): Promise<{ report: string; frames: number }> {
  run.signal.throwIfAborted();
  const wrapper = await deathWrapper();
  run.signal.throwIfAborted();
  const args = [
    '-hide_banner',
    '-nostdin',
    '-y',
    '-nostats',
    '-stats_period',
    '0.25',
    '-progress',
    'pipe:1',
    ...guardedInputs(run.args),
  ];
  const marked = ownerMark();
  const environment = marked.length === 0 ? [] : [...marked, GIVE_BACK];
  const [command, ...rest] = [...environment, ...wrapper, run.ffmpeg, ...args] as [string, ...string[]];
  const child = spawn(command, rest, {
    cwd: run.cwd,
    detached: true,
    stdio: [run.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  giveWay(child);
  const [done, fed] = await Promise.allSettled([supervise(child, run), feed(child, run.input ?? [])]);
  if (fed.status === 'rejected') throw fed.reason;
  if (done.status === 'rejected') throw done.reason;
  return done.value;
}

/** An ffmpeg that ends before it has read all says why itself: only what the input throws is thrown, after ffmpeg was ended. */
async function feed(child: ChildProcess, input: Iterable<Uint8Array>): Promise<void> {
  const pipe = child.stdin;
  if (pipe === null) return;
  pipe.on('error', () => {});
  child.once('close', () => pipe.destroy());
  const write = (bytes: Uint8Array): Promise<boolean> =>
    new Promise((resolve) => pipe.write(bytes, (error) => resolve(!error)));
  try {
    for (const bytes of input) if (!(await write(bytes))) break;
    pipe.end();
  } catch (error) {
    signalGroup(child, 'SIGKILL');
    throw error;
  }
}

/** Encoding takes every core there is: heartbeats, status and other runs' calls go first. */
function giveWay({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or this machine has no priorities.
  }
}

async function supervise(child: ChildProcess, { signal, onFrame, noProgressMs = NO_PROGRESS_MS }: FfmpegRun) {
  let report = '';
  let frames = 0;
  let hung = false;
  let lastProgress = '';
  const watchdog = setTimeout(() => {
    hung = true;
    void endGroup(child, HUNG_GRACE_MS);
  }, noProgressMs);
  const onAbort = (): void => void endGroup(child, ABORT_GRACE_MS);
  signal.addEventListener('abort', onAbort, { once: true });

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    report = (report + text).slice(-MAX_REPORT_BYTES);
  });
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split(/^progress=.*\n/m);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      // ffmpeg reports on time even when it stands still: only other numbers are progress.
      const progress = block.match(/^(?:frame|out_time_us|total_size)=.*$/gm)?.join() ?? '';
      if (progress !== lastProgress) watchdog.refresh();
      lastProgress = progress;
      const frame = /^frame=\s*(\d+)/m.exec(block)?.[1];
      if (frame === undefined) continue;
      frames = Number(frame);
      onFrame?.(frames);
    }
  });

  try {
    const { exitCode, killedBy } = await ended(child);
    if (hung) throw new FfmpegError(`ffmpeg made no progress for ${noProgressMs / 1000} s and was ended.`, null);
    signal.throwIfAborted();
    if (exitCode !== 0) {
      const tail = Buffer.from(report).subarray(-STDERR_TAIL_BYTES).toString('utf8').trim();
      throw new FfmpegError(`ffmpeg failed (${exitCode ?? killedBy}): ${tail}`, exitCode);
    }
    return { report, frames };
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener('abort', onAbort);
  }
}

function ended(child: ChildProcess): Promise<{ exitCode: number | null; killedBy: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error('ffmpeg could not be started.', { cause })));
    child.once('close', (exitCode, killedBy) => resolve({ exitCode, killedBy }));
  });
}

async function endGroup(child: ChildProcess, graceMs: number): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await sleep(graceMs, undefined, { ref: false });
  signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in between.
  }
}

let wrapperFound: Promise<string[]> | null = null;

/** Linux: the kernel kills ffmpeg when the process that started it dies. */
function deathWrapper(): Promise<string[]> {
  const wrapper = ['setpriv', '--pdeathsig', 'KILL', '--'];
  wrapperFound ??= promisify(execFile)(wrapper[0]!, [...wrapper.slice(1), 'true']).then(
    () => wrapper,
    () => [],
  );
  return wrapperFound;
}

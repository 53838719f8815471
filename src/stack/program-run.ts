import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgramName } from './events.ts';
import { type GroupLeader, signalGroup, spawnGroup } from './process-group.ts';

const READY_MS = 60_000; // a worker on a busy machine takes about ten seconds
const PROBE_MS = 50;
const LAST_WORDS_MS = 500; // for output still in the pipe when the program has ended

export interface ProgramSpec {
  name: ProgramName;
  command: readonly string[];
  cwd: string;
  env: Record<string, string>;
  /** How long it may take to end by itself after SIGTERM. */
  graceMs: number;
  /** Whether a line of its standard output says that it is ready. */
  readyLine?: (line: string) => boolean;
  /** Asks from outside whether it is ready, for a program that does not say so. */
  probe?: () => Promise<boolean>;
}

export interface Exit {
  code: number | null;
  signal: string | null;
}

/** One life of a program, from its start to its end. */
export interface ProgramRun {
  /** Also its process group. Null when it could not be started at all. */
  pid: number | null;
  exited: Promise<Exit>;
  terminate(): void;
}

/** Starts the program; its output goes to the log (a file descriptor). One that is not ready in time is killed. */
export async function runProgram(spec: ProgramSpec, log: number, onReady: () => void): Promise<ProgramRun> {
  const leader = await spawnGroup({ ...spec, stderr: log });
  const pid = leader.pid ?? null;
  const ended = new AbortController();
  const exited = exitOf(leader, log).finally(() => ended.abort());

  let ready = false;
  const becomeReady = () => {
    if (ready || ended.signal.aborted) return;
    ready = true;
    onReady();
  };
  createInterface({ input: leader.stdout }).on('line', (line) => {
    if (!ended.signal.aborted) writeLine(log, line);
    if (spec.readyLine?.(line) === true) becomeReady();
  });
  void untilReady(spec, () => ready, ended.signal).then((inTime) => {
    if (inTime) becomeReady();
    else if (pid !== null && !ended.signal.aborted) signalGroup(pid, 'SIGKILL');
  });
  // The leader alone is asked: it ends what it started in its own order.
  return { pid, exited, terminate: () => void leader.kill('SIGTERM') };
}

async function untilReady(spec: ProgramSpec, isReady: () => boolean, ended: AbortSignal): Promise<boolean> {
  for (const end = Date.now() + READY_MS; Date.now() < end && !ended.aborted;) {
    if (isReady() || (await spec.probe?.()) === true) return true;
    await sleep(PROBE_MS, undefined, { signal: ended }).catch(() => {});
  }
  return false;
}

function exitOf(leader: GroupLeader, log: number): Promise<Exit> {
  return new Promise((resolve) => {
    leader.once('error', (error) => {
      writeLine(log, error.message);
      resolve({ code: null, signal: null });
    });
    leader.once('exit', () => {
      // What it left behind must not live on, and holds its standard output open.
      if (leader.pid !== undefined) signalGroup(leader.pid, 'SIGKILL');
      setTimeout(() => leader.stdout.destroy(), LAST_WORDS_MS).unref();
    });
    leader.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** What a full disk has no room for is lost: the programs go on. */
function writeLine(log: number, line: string): void {
  try {
    writeSync(log, `${line}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

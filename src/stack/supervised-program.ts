import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProgramName, type StackEvent, StackError } from './events.ts';
import { groupGone, signalGroup } from './process-group.ts';
import { type Exit, type ProgramRun, type ProgramSpec, runProgram } from './program-run.ts';
import type { Reaper } from './reaper.ts';

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
const HEALTHY_AFTER_MS = 20_000; // who lived this long starts with the first delay again
const STARTS_BEFORE_GIVING_UP = 3; // at first start only: then something is wrong that no repetition mends
const AFTER_KILL_MS = 5000;
const LARGEST_LOG_BYTES = 20 * 1024 * 1024; // then the next start begins a new file; one old one is kept
const LOG_TAIL_LINES = 8;

export interface Surroundings {
  logDir: string;
  reaper: Reaper;
  onEvent: (event: StackEvent) => void;
}

/** One program that is kept running: started again, with growing delays, when it ends, until it is stopped. */
export class SupervisedProgram {
  readonly name: ProgramName;
  restarts = 0;
  readonly #spec: ProgramSpec;
  readonly #around: Surroundings;
  readonly #stopping = new AbortController();
  readonly #firstReady = deferred();
  #current: ProgramRun | null = null;
  #everReady = false;
  #running: Promise<void> = Promise.resolve();

  constructor(spec: ProgramSpec, around: Surroundings) {
    this.name = spec.name;
    this.#spec = spec;
    this.#around = around;
  }

  get pid(): number | null {
    return this.#current?.pid ?? null;
  }

  /** Resolves when the program is ready for the first time; rejects when it will not be. */
  start(): Promise<void> {
    this.#running = this.#keepRunning().catch((error: unknown) => this.#firstReady.reject(error));
    return this.#firstReady.promise;
  }

  /** Asks it to end (unless `atOnce`), then makes it. Nothing of it is left afterwards. */
  async stop({ atOnce = false } = {}): Promise<void> {
    this.#stopping.abort();
    this.#firstReady.reject(new StackError(`The stack was stopped before ${this.name} was ready.`));
    if (this.#current !== null && !atOnce) {
      this.#current.terminate();
      const giveUp = new AbortController();
      const grace = sleep(this.#spec.graceMs, undefined, { signal: giveUp.signal }).catch(() => {});
      await Promise.race([this.#running, grace]);
      giveUp.abort();
    }
    if (this.pid !== null) signalGroup(this.pid, 'SIGKILL');
    await this.#running;
  }

  async #keepRunning(): Promise<void> {
    let delayMs = FIRST_DELAY_MS;
    let failedStarts = 0;
    for (;;) {
      const startedAt = Date.now();
      const exit = await this.#runOnce();
      if (this.#stopping.signal.aborted) return;
      this.#around.onEvent({ type: 'program-exited', name: this.name, ...exit });
      if (!this.#everReady && ++failedStarts >= STARTS_BEFORE_GIVING_UP) throw this.#startFailure();

      if (Date.now() - startedAt > HEALTHY_AFTER_MS) delayMs = FIRST_DELAY_MS;
      this.#around.onEvent({ type: 'program-restarting', name: this.name, delayMs });
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#stopping.signal.aborted) return;
      delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
      this.restarts += 1;
    }
  }

  async #runOnce(): Promise<Exit> {
    const log = openLog(this.#logFile);
    const startedAt = Date.now();
    try {
      const run = await runProgram(this.#spec, log, () => this.#becameReady(Date.now() - startedAt));
      this.#current = run;
      if (run.pid !== null) this.#around.reaper.add(run.pid);
      if (run.pid !== null && this.#stopping.signal.aborted) signalGroup(run.pid, 'SIGKILL'); // stopped meanwhile
      const exit = await run.exited;
      if (run.pid !== null) await this.#endGroup(run.pid);
      return exit;
    } finally {
      this.#current = null;
      closeSync(log);
    }
  }

  /** The leader has ended: so must what it started, before another takes its place. */
  async #endGroup(group: number): Promise<void> {
    signalGroup(group, 'SIGKILL');
    if (await groupGone(group, AFTER_KILL_MS)) this.#around.reaper.drop(group);
    else this.#around.onEvent({ type: 'note', message: `${this.name}: process group ${group} survives SIGKILL.` });
  }

  #becameReady(tookMs: number): void {
    this.#everReady = true;
    this.#around.onEvent({ type: 'program-ready', name: this.name, tookMs });
    this.#firstReady.resolve();
  }

  #startFailure(): StackError {
    const tail = readFileSync(this.#logFile, 'utf8').trim().split('\n').slice(-LOG_TAIL_LINES);
    return new StackError(
      `${this.name} does not start. The end of ${this.#logFile}:\n${tail.map((line) => `  ${line}`).join('\n')}`,
    );
  }

  get #logFile(): string {
    return path.join(this.#around.logDir, `${this.name}.log`);
  }
}

function openLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_LOG_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}

function deferred() {
  let resolve!: () => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => {}); // nobody may be waiting yet when it fails
  return { promise, resolve, reject };
}

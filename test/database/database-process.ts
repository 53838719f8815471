import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { builtProgram } from '../built-program.ts';

const PROGRAM = builtProgram('src/database/main.js');

/** The product's database program on a data folder. */
export class DatabaseProcess {
  readonly #child: ChildProcess;
  #errors = '';

  constructor(dataDir: string, environment: Record<string, string> = {}) {
    this.#child = spawn(process.execPath, [PROGRAM], {
      env: { ...process.env, DATABASE_URL: '', DATA_DIR: dataDir, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
  }

  /** Resolves to what it says when it serves. @throws with its last words when it ends before. */
  async listening(): Promise<string> {
    const ended = this.exited().then(() => Promise.reject(new Error(this.#errors)));
    ended.catch(() => {});
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
    return (JSON.parse(line) as { listening: string }).listening;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** What it said on stderr so far. */
  get errors(): string {
    return this.#errors;
  }

  async exited(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
    return this.#child.exitCode;
  }

  /** Resolves to the exit code, when it has ended. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.exited();
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }
}

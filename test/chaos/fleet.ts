import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgramName } from '../../src/stack/events.ts';
import { startPostgres, type PostgresServer } from '../database/postgres-server.ts';
import type { ConfigChanges } from '../e2e/config-folder.ts';
import { until } from '../until.ts';
import { StackUnderTest, type Extra } from '../e2e/stack-under-test.ts';
import { SmallDisk } from './small-disk.ts';

/** One process that can be struck. What it is called stays; its pid changes with each life. */
export interface Member {
  name: string;
  pid(): number | null;
  /** Starts it again where nobody else does. */
  revive(): Promise<void>;
}

export interface Gateway extends Member {
  /** @throws when it is gone, with its last words. */
  url(): string;
}

export interface FleetSize {
  gateways: number;
  workers: number;
}

const LAST_WORDS = 500;

/** Minutes until a provider is tried again would be minutes in which a campaign stands still. */
const QUICK_RECOVERY: ConfigChanges = {
  breakers: ({ mcp_channel: mcp, http_channel: http, services }) => {
    for (const breaker of [mcp, http, ...Object.values(services)]) breaker.recovery_timeout = 4;
  },
  rate: { raise_by_per_second: 2, raise_every_seconds: 1, quiet_seconds: 5 },
};

interface Parts {
  postgres: PostgresServer;
  gateways: Own[];
  workers: Own[];
}

/** The product as it is run by several processes: gateways and workers on one PostgreSQL and one Temporal server. */
export class Fleet {
  readonly under: StackUnderTest;
  readonly postgres: PostgresServer;
  readonly gateways: Gateway[];
  readonly workers: Member[];
  readonly temporal: Member;
  readonly sandbox: Member;
  /** Where films are made. */
  readonly disk: SmallDisk;

  private constructor(under: StackUnderTest, { postgres, ...extras }: Parts) {
    this.disk = SmallDisk.under(path.join(under.dataDir, 'work'));
    this.under = under;
    this.postgres = postgres;
    this.gateways = [{ ...supervised(under, 'gateway'), url: () => under.stack.urls.gateway }, ...extras.gateways];
    this.workers = [supervised(under, 'worker'), ...extras.workers];
    this.temporal = supervised(under, 'temporal');
    this.sandbox = supervised(under, 'sandbox');
  }

  static async start(size: FleetSize): Promise<Fleet> {
    const postgres = await startPostgres();
    let under: StackUnderTest | undefined;
    try {
      const DATABASE_URL = await postgres.createDatabase();
      const stack = (under = await StackUnderTest.start({ DATABASE_URL }, QUICK_RECOVERY));
      const gateways = numbered(size.gateways - 1, (n) => {
        return new Own(`gateway-${n + 2}`, () => stack.program('src/api/main.js', { GATEWAY_PORT: '0' }));
      });
      const workers = numbered(size.workers - 1, (n) => {
        return new Own(`worker-${n + 2}`, () => stack.program('src/workers/main.js', {}));
      });
      await Promise.all([...gateways, ...workers].map((own) => own.revive()));
      return new Fleet(stack, { postgres, gateways, workers });
    } catch (error) {
      await under?.stop();
      await postgres.stop();
      throw error;
    }
  }

  /** Resolves when every gateway answers. One that does not come back is for whoever asks it next to tell. */
  async answers(): Promise<void> {
    const answers = async (gateway: Gateway) => {
      try {
        return (await fetch(`${gateway.url()}/health`)).ok;
      } catch {
        return false;
      }
    };
    const all = async () => (await Promise.all(this.gateways.map(answers))).every(Boolean);
    await until('every gateway answers', all).catch(() => {});
  }

  async stop(): Promise<void> {
    this.postgres.own?.thaw();
    try {
      // Lazily: the programs that still use it are about to end, and their folder is removed with them.
      this.disk.unmount();
      await this.under.stop();
    } finally {
      await this.postgres.stop();
    }
  }
}

const numbered = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: Math.max(0, count) }, (_, n) => make(n));

/** A program that the stack keeps running. */
function supervised(under: StackUnderTest, program: ProgramName): Member {
  return {
    name: program,
    pid: () => under.stack.pid(program),
    revive: async () => {
      while (under.stack.pid(program) === null) await sleep(50);
    },
  };
}

/** A program of ours: its process alone is killed, as by the kernel; what it had started is nobody's then. */
class Own implements Member {
  readonly name: string;
  readonly #start: () => Promise<Extra>;
  #current: Extra | null = null;

  constructor(name: string, start: () => Promise<Extra>) {
    this.name = name;
    this.#start = start;
  }

  pid(): number | null {
    return this.#current !== null && isThere(this.#current.pid) ? this.#current.pid : null;
  }

  url(): string {
    if (this.#current !== null && this.pid() !== null) return this.#current.ready as string;
    const log = this.#current === null ? '' : readFileSync(this.#current.log, 'utf8');
    throw new Error(`${this.name} is gone: ${log.slice(-LAST_WORDS)}`);
  }

  async revive(): Promise<void> {
    if (this.pid() === null) this.#current = await this.#start();
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

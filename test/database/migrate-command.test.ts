import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { builtProgram } from '../built-program.ts';
import { readMigrations, title } from '../../src/database/migrations.ts';
import { DatabaseProcess } from './database-process.ts';
import { freePort, PASSWORD, type PostgresServer, startPostgres } from './postgres-server.ts';

const CLI = builtProgram('src/cli/main.js');
const END = `The database is at version ${readMigrations().length}.`;
const ALL = `Applied ${readMigrations().map(title).join(', ')}. ${END}`;
const NOTHING = `Nothing to do. ${END}`;

async function migrate(environment: Record<string, string>) {
  const child = spawn(process.execPath, [CLI, 'migrate'], {
    env: { ...process.env, DATABASE_URL: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  assert.doesNotMatch(said, new RegExp(PASSWORD));
  return { code, said: said.trim() };
}

describe('mcp-bridge migrate on PostgreSQL', () => {
  let server: PostgresServer;
  before(async () => (server = await startPostgres()));
  after(() => server?.stop());

  it('is done once by many at the same time', async () => {
    const DATABASE_URL = await server.createDatabase();
    const ran = await Promise.all(Array.from({ length: 4 }, () => migrate({ DATABASE_URL })));
    assert.deepEqual(
      ran.map(({ code }) => code),
      [0, 0, 0, 0],
    );
    // Each migration takes the lock for itself: one program may apply the first and another one the second.
    const applied = ran.flatMap(({ said }) => /^Applied (.*)\. The/.exec(said)?.[1]?.split(', ') ?? []);
    assert.deepEqual(applied.sort(), readMigrations().map(title).sort());
    for (const { said } of ran) assert.ok(said.endsWith(END), said);
  });

  it('refuses a database that a newer release has migrated', async () => {
    const DATABASE_URL = await server.createDatabase();
    assert.equal((await migrate({ DATABASE_URL })).code, 0);
    await server.admin(`insert into schema_migrations values (9999, 'from_the_future', 'x', now())`, DATABASE_URL);
    const { code, said } = await migrate({ DATABASE_URL });
    assert.equal(code, 2);
    assert.match(said, /^The database is at version 9999.*newer release/);
  });

  it('says that the database cannot be reached, or the URL not be read, without repeating it', async () => {
    const nobody = await migrate({ DATABASE_URL: `postgresql://postgres:${PASSWORD}@127.0.0.1:${await freePort()}/x` });
    assert.equal(nobody.code, 1);
    assert.match(nobody.said, /^the database is not available/);
    for (const DATABASE_URL of [`mysql://root:${PASSWORD}@127.0.0.1/x`, `postgresql://me:${PASSWORD}%@[::::/x`]) {
      const wrong = await migrate({ DATABASE_URL });
      assert.equal(wrong.code, 1);
      assert.match(wrong.said, /postgresql:\/\/user:password@host:5432\/database/);
    }
  });
});

describe('mcp-bridge migrate on the embedded database', () => {
  let dataDir: string;
  before(() => (dataDir = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-migrate-'))));
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  it('makes it, finds it made, and asks the process that serves it', async () => {
    assert.deepEqual(await migrate({ DATA_DIR: dataDir }), { code: 0, said: ALL });
    assert.deepEqual(await migrate({ DATA_DIR: dataDir }), { code: 0, said: NOTHING });
    const program = new DatabaseProcess(dataDir);
    try {
      await program.listening();
      assert.deepEqual(await migrate({ DATA_DIR: dataDir }), { code: 0, said: NOTHING });
    } finally {
      assert.equal(await program.end('SIGTERM'), 0);
    }
  });
});

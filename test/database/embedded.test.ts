import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { sql } from 'drizzle-orm';
import { Database } from '../../src/database/database.ts';
import { DatabaseSetupError, DatabaseUnavailable } from '../../src/database/errors.ts';
import { assets } from '../../src/database/schema.ts';
import { socketFolder } from '../../src/database/socket-folder.ts';
import { startDoomed } from '../ledger/doomed-process.ts';
import { DatabaseProcess } from './database-process.ts';
import { patiently } from './patiently.ts';

describe('the program of the embedded database', () => {
  let dataDir: string;
  let database: Database;
  const programs: DatabaseProcess[] = [];
  const started = async (environment: Record<string, string> = {}) => {
    const program = new DatabaseProcess(dataDir, environment);
    programs.push(program);
    await program.listening();
    return program;
  };

  before(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-embedded-'));
    database = new Database({ kind: 'embedded', dataDir });
  });
  afterEach(async () => void (await Promise.all(programs.splice(0).map((program) => program.end('SIGKILL')))));
  after(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('refuses a second owner of its folder, in words, and the first goes on', async () => {
    const first = await started();
    await patiently(() => database.ready());
    const second = new DatabaseProcess(dataDir);
    programs.push(second);
    assert.equal(await second.exited(), 1);
    assert.match(second.errors, new RegExp(`Process ${first.pid} has the database in ${dataDir} open.*DATA_DIR`));
    assert.doesNotMatch(second.errors, /\n\s+at /, 'no stack trace');
    await database.run((query) => query.execute(sql`select 1`));
  });

  it('lets only this user in', async () => {
    await started();
    const folder = socketFolder(dataDir);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(await programs[0]!.end('SIGTERM'), 0);
    chmodSync(folder, 0o755);
    try {
      // Neither does it serve there, nor does a client believe whoever does.
      await assert.rejects(new Database({ kind: 'embedded', dataDir }).ready(), DatabaseSetupError);
      const careful = new DatabaseProcess(dataDir);
      programs.push(careful);
      assert.equal(await careful.exited(), 1);
      assert.match(careful.errors, /mode 700/);
    } finally {
      chmodSync(folder, 0o700);
    }
  });

  it('ends in order on SIGTERM, and the next one finds its rows', async () => {
    const first = await started();
    await database.run((query) => query.insert(assets).values(asset('in order')));
    assert.equal(await first.end('SIGTERM'), 0);
    assert.ok(!existsSync(path.join(dataDir, 'database.lock')));
    await assert.rejects(
      database.ready().then(() => stored()),
      DatabaseUnavailable,
    );
    await started();
    assert.ok((await stored()).includes('in order'));
  });

  it('loses no acknowledged row to kill -9 in the middle of writes', async () => {
    for (let round = 0; round < 3; round++) {
      const program = await started();
      const writer = startDoomed(new URL('asset-writer.ts', import.meta.url), [dataDir, String(round)]);
      let acknowledged = 0;
      while (acknowledged < 50) acknowledged = Number(await writer.nextLine());
      await program.end('SIGKILL');
      for (let line = await writer.nextLine(); line !== 'away'; line = await writer.nextLine())
        acknowledged = Number(line);
      await writer.kill();

      const successor = await started();
      const there = new Set(await stored());
      const lost = Array.from({ length: acknowledged }, (_, n) => `${round}-${n + 1}`).filter((row) => !there.has(row));
      assert.deepEqual(lost, [], `${acknowledged} acknowledged`);
      await successor.end('SIGKILL');
    }
  });

  it('takes back what a client that was killed had begun, and serves the others', async () => {
    await started();
    const client = startDoomed(new URL('transaction-holder.ts', import.meta.url), [dataDir]);
    assert.equal(await client.nextLine(), 'open');
    await client.kill();
    assert.ok(!(await stored()).includes('begun'));
  });

  it('does not let a client that stands still inside of a transaction keep out the others', async () => {
    await started();
    const client = startDoomed(new URL('transaction-holder.ts', import.meta.url), [dataDir]);
    assert.equal(await client.nextLine(), 'open');
    try {
      // Each waits for two seconds; the one who stands still has five.
      const end = Date.now() + 60_000;
      while (
        !(await stored().then(
          () => true,
          () => false,
        ))
      )
        assert.ok(Date.now() < end, 'served again');
      assert.ok(!(await stored()).includes('begun'));
    } finally {
      await client.kill();
    }
  });

  it('serves a data folder whose path is too long for a socket', async () => {
    const short = dataDir;
    dataDir = path.join(short, 'a-folder-with-a-long-name'.repeat(4));
    mkdirSync(dataDir);
    const far = new Database({ kind: 'embedded', dataDir });
    try {
      await started();
      assert.ok(!socketFolder(dataDir).startsWith(short));
      await far.ready();
    } finally {
      await far.close();
      await programs.pop()?.end('SIGTERM');
      rmSync(socketFolder(dataDir), { recursive: true, force: true });
      dataDir = short;
    }
  });

  const asset = (sha256: string) => ({
    ...{ tenant: 'local', sha256, mediaType: 'image/png', sizeBytes: 1, origin: 'made' as const },
  });
  const stored = async () => (await database.run((query) => query.select().from(assets))).map(({ sha256 }) => sha256);
});

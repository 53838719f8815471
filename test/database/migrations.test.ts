import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { loadConfig } from '../../src/config.ts';
import { openCluster } from '../../src/database/embedded/cluster.ts';
import { MigrationError } from '../../src/database/errors.ts';
import {
  migrate,
  type Migration,
  type MigrationSession,
  missingMigrations,
  readMigrations,
} from '../../src/database/migrations.ts';
import * as schema from '../../src/database/schema.ts';
import { startPostgres } from './postgres-server.ts';

interface Opened {
  session: MigrationSession;
  /** Brings the database back to nothing. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

const KINDS: [string, () => Promise<Opened>][] = [
  ['PGlite', openPGlite],
  ['PostgreSQL', openPostgres],
];

const RESET = 'drop schema public cascade; create schema public;';

for (const [kind, open] of KINDS) {
  describe(`migrations on ${kind}`, () => {
    let opened: Opened;
    before(async () => (opened = await open()));
    after(() => opened?.close());

    const versions = async () =>
      (await opened.session.query('select version from schema_migrations order by 1')).rows.map(
        (row) => row['version'],
      );
    const refusal = (pattern: RegExp) => (error: unknown) =>
      error instanceof MigrationError && pattern.test(error.message);

    it('make the tables that queries are written against, once', async () => {
      await opened.reset();
      const applied = await migrate(opened.session, readMigrations());
      assert.equal(applied.length, readMigrations().length);
      for (const table of Object.values(schema)) if (is(table, PgTable)) await agrees(opened.session, table);
      assert.deepEqual(await migrate(opened.session, readMigrations()), []);
    });

    it('bring vectors', async () => {
      await opened.reset();
      await migrate(opened.session, readMigrations());
      const { rows } = await opened.session.query(`select '[3,4]'::vector <-> '[0,0]'::vector as distance`);
      assert.deepEqual(rows, [{ distance: 5 }]);
    });

    it('are refused when one that was applied has changed, and then nothing is done', async () => {
      await opened.reset();
      await migrate(opened.session, [step(1)]);
      const changed = { ...step(1), checksum: 'another' };
      await assert.rejects(migrate(opened.session, [changed, step(2)]), refusal(/0001_step.*checksum differs/));
      assert.deepEqual(await versions(), [1]);
    });

    it('are refused on a database that a newer release has migrated', async () => {
      await opened.reset();
      await migrate(opened.session, [step(1), step(2), step(3)]);
      await assert.rejects(migrate(opened.session, [step(1)]), refusal(/at version 3.*up to 1.*newer release/));
      await assert.rejects(missingMigrations(opened.session, [step(1)]), refusal(/newer release/));
    });

    it('are applied whole or not at all, and go on from there', async () => {
      await opened.reset();
      const broken = { ...step(2), sql: 'create table half (n int); insert into nowhere values (1);' };
      await assert.rejects(migrate(opened.session, [step(1), broken]), refusal(/0002_step cannot be applied/));
      assert.deepEqual(await versions(), [1]);
      const { rows } = await opened.session.query(`select to_regclass('half') is null as gone`);
      assert.deepEqual(rows, [{ gone: true }]);
      assert.equal((await migrate(opened.session, [step(1), step(2)])).length, 1);
    });
  });
}

function step(version: number): Migration {
  return { version, name: 'step', sql: `create table step_${version} (n int);`, checksum: `of ${version}` };
}

/** Columns, keys and indexes that the schema declares are those that are there. */
async function agrees(session: MigrationSession, table: PgTable): Promise<void> {
  const { name, columns, primaryKeys, indexes } = getTableConfig(table);
  const { rows: found } = await session.query(
    `select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as required, atthasdef as has_default
     from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [name],
  );
  assert.deepEqual(
    found,
    columns.map((column) => ({
      name: column.name,
      type: column.getSQLType(),
      required: column.notNull,
      has_default: column.hasDefault,
    })),
    name,
  );
  const { rows: keys } = await session.query(
    `select a.attname as name from pg_index i, unnest(i.indkey::int[]) with ordinality as k (attnum, place)
     join pg_attribute a on a.attnum = k.attnum
     where i.indrelid = $1::regclass and a.attrelid = i.indrelid and i.indisprimary order by k.place`,
    [name],
  );
  const declared = primaryKeys[0]?.columns ?? columns.filter((column) => column.primary);
  assert.deepEqual(
    keys.map((key) => key['name']),
    declared.map((column) => column.name),
    `key of ${name}`,
  );
  const { rows: there } = await session.query(
    `select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = $1::regclass and not i.indisunique order by 1`,
    [name],
  );
  assert.deepEqual(
    there.map((row) => row['name']),
    indexes.map(({ config }) => config.name).sort(),
    `indexes of ${name}`,
  );
}

async function openPGlite(): Promise<Opened> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-migrations-'));
  const db = await openCluster(path.join(folder, 'database'), loadConfig().cacheDir);
  return {
    session: {
      query: (text, values) => db.query<Record<string, unknown>>(text, values),
      script: async (text) => void (await db.exec(text)),
    },
    reset: async () => void (await db.exec(RESET)),
    close: async () => {
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPostgres(): Promise<Opened> {
  const server = await startPostgres();
  const client = new pg.Client({ connectionString: await server.createDatabase() });
  await client.connect();
  return {
    session: {
      query: (text, values) => client.query<Record<string, unknown>>(text, values),
      script: async (text) => void (await client.query(text)),
    },
    reset: async () => void (await client.query(RESET)),
    close: async () => {
      await client.end();
      await server.stop();
    },
  };
}

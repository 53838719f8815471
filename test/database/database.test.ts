import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { eq, sql } from 'drizzle-orm';
import { Database } from '../../src/database/database.ts';
import { DatabaseUnavailable, MigrationError } from '../../src/database/errors.ts';
import { assets, eventCursor } from '../../src/database/schema.ts';
import { patiently } from './patiently.ts';
import { PASSWORD } from './postgres-server.ts';
import { DATABASES, type TestDatabase } from './servers.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

/** Acquire, statement and answer have limits of their own; together they stay under this on a busy machine. */
const BOUND_MS = 5_000;

for (const { name, start } of DATABASES) {
  describe(`${name}`, () => {
    let under: TestDatabase;
    let database: Database;
    before(async () => {
      under = await start();
      database = under.database;
    });
    after(() => under?.stop());
    beforeEach(() => under.empty());

    const asset = (sha256: string, mediaType = 'image/png') => ({
      ...{ tenant: 'local', sha256, mediaType, sizeBytes: 1, origin: 'made' as const },
    });
    const stored = async () => (await database.run((query) => query.select().from(assets))).map(({ sha256 }) => sha256);
    const away = async (asked: Promise<unknown>) => {
      const startedAt = performance.now();
      await assert.rejects(asked, (error) => {
        assert.ok(error instanceof DatabaseUnavailable, inspect(error));
        assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), new RegExp(`${PASSWORD}|127\\.0\\.0\\.1`));
        return true;
      });
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs < onABusyMachine(BOUND_MS), `${Math.round(tookMs)} ms`);
    };

    it('keeps all of a transaction, or nothing', async () => {
      await database.transaction(async (query) => {
        await query.insert(assets).values(asset('a'));
        await query.insert(assets).values(asset('b'));
      });
      const failing = database.transaction(async (query) => {
        await query.insert(assets).values(asset('c'));
        throw new Error('changed my mind');
      });
      await assert.rejects(failing, /changed my mind/);
      const twice = database.transaction(async (query) => {
        await query.insert(assets).values(asset('d'));
        await query.insert(assets).values(asset('a'));
      });
      await assert.rejects(twice, { code: '23505' });
      assert.deepEqual(await stored(), ['a', 'b']);
    });

    it('keeps what many clients say at once apart, however long it is', async () => {
      const clients = [database, new Database(under.target), new Database(under.target)];
      try {
        const asked = Array.from({ length: 120 }, async (_, n) => {
          // Each another statement, most with more than one read of a socket holds.
          const text = 'é'.repeat(n % 3 === 0 ? 10 : 100_000 + n);
          const columns = sql.join(
            Array.from({ length: 1 + (n % 4) }, (_, column) => sql`${n + column}::int`),
            sql`, `,
          );
          const { rows } = await patiently(() =>
            clients[n % 3]!.run((query) =>
              query.execute<{ text: string; numbers: number[] }>(
                sql`select ${text}::text as text, array[${columns}] as numbers`,
              ),
            ),
          );
          assert.equal(rows[0]?.text, text);
          assert.deepEqual(
            rows[0].numbers,
            Array.from({ length: 1 + (n % 4) }, (_, column) => n + column),
          );
        });
        await Promise.all(asked);
      } finally {
        await Promise.all(clients.slice(1).map((client) => client.close()));
      }
    });

    it('lets nobody into the transaction of another', async () => {
      const other = new Database(under.target);
      try {
        const countOne = (client: Database) =>
          client.transaction(async (query) => {
            const [row] = await query.select().from(eventCursor).for('update');
            await query.update(eventCursor).set({ value: row!.value + 1 });
          });
        await Promise.all(Array.from({ length: 40 }, (_, n) => countOne(n % 2 === 0 ? database : other)));
        const [row] = await database.run((query) => query.select().from(eventCursor));
        assert.equal(row?.value, 40);
      } finally {
        await other.close();
      }
    });

    it('checks its migrations again when a table is gone', async () => {
      await stored(); // checked once, and ready since
      await database.session(({ query }) =>
        query(`insert into schema_migrations (version, name, checksum) values (9999, 'newer', '')`),
      );
      try {
        await stored();
        await away(database.run((query) => query.execute(sql`select * from nobody_has_this`)));
        await assert.rejects(stored(), MigrationError);
      } finally {
        await database.session(({ query }) => query('delete from schema_migrations where version = 9999'));
      }
      assert.deepEqual(await stored(), []);
    });

    it('does not put what was asked into its errors', async () => {
      await database.run((query) => query.insert(assets).values(asset('a')));
      const again = database.run((query) => query.insert(assets).values(asset('a', 'a secret of the theme')));
      await assert.rejects(again, (error) => !inspect(error, { depth: 10 }).includes('a secret of the theme'));
    });

    it('is given up on in time when somebody else holds the table', async () => {
      const other = new Database(under.target);
      let letGo = () => {};
      const held = new Promise<void>((resolve) => (letGo = resolve));
      let onLocked = () => {};
      const locked = new Promise<void>((resolve) => (onLocked = resolve));
      const holding = other.transaction(async (query) => {
        await query.execute(sql`lock table assets`);
        onLocked();
        await held;
      });
      try {
        await locked;
        await Promise.all([
          away(stored()),
          away(stored()),
          away(database.transaction((query) => query.select().from(assets))),
        ]);
        letGo();
        await holding;
        assert.deepEqual(await stored(), []);
      } finally {
        letGo();
        await other.close();
      }
    });

    it('is given up on in time when it stands still, and is used again when it goes on', async () => {
      under.freeze();
      try {
        await Promise.all(Array.from({ length: 20 }, () => away(stored())));
        await away(new Database(under.target).ready());
      } finally {
        under.thaw();
      }
      await until(async () => (await stored()).length === 0);
    });

    it('is waited for by a command longer than by a request', async () => {
      await stored();
      under.freeze();
      const asked = database.session(({ query }) => query('select 1 as one'));
      try {
        // For as long as a request waits for a connection, and for its answer.
        await assert.rejects(stored(), DatabaseUnavailable);
      } finally {
        under.thaw();
      }
      assert.deepEqual((await asked).rows, [{ one: 1 }]);
    });

    it('keeps what it has acknowledged through a crash, and its clients find it again', async () => {
      await database.run((query) => query.insert(assets).values(asset('kept')));
      const half = database.transaction(async (query) => {
        await query.insert(assets).values(asset('half'));
        await under.crash();
        await query.select().from(assets).where(eq(assets.sha256, 'half'));
      });
      await away(half);
      await away(stored());
      // One that is started meanwhile starts all the same.
      const late = new Database(under.target);
      await away(late.run((query) => query.select().from(assets)));
      await under.restart();
      await until(async () => (await stored()).length > 0);
      assert.deepEqual(await stored(), ['kept']);
      await late.ready();
      await late.close();
    });
  });
}

/** Tries again while the database is away. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (;;) {
    try {
      if (await isSo()) return;
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
    }
  }
}

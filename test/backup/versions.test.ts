import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { backup } from '../../src/backup/backup.ts';
import { checkBackup } from '../../src/backup/check.ts';
import { restore } from '../../src/backup/restore.ts';
import { Database } from '../../src/database/database.ts';
import { readMigrations, type Migration } from '../../src/database/migrations.ts';
import { fillPlace } from './estate.ts';
import { allRows, embeddedPlaces, type Place, type Places, postgresPlaces } from './places.ts';

const OURS = readMigrations();
const sql = `alter table videos add column shout text; update videos set shout = upper(title);`;
/** What the next release might bring. */
const NEXT: Migration[] = [
  ...OURS,
  { version: OURS.length + 1, name: 'shout', sql, checksum: createHash('sha256').update(sql).digest('hex') },
];

for (const [name, start] of [
  ['the embedded database', embeddedPlaces],
  ['PostgreSQL', postgresPlaces],
] as const) {
  describe(`backups and releases, on ${name}`, () => {
    let places: Places;
    let origin: Place;
    before(async () => {
      places = await start();
      origin = await places.open();
      await fillPlace(origin, { videos: 2, rowsEach: 3 });
    });
    after(() => places?.stop());

    const saved = async (place: Place, folder: string, migrations: Migration[]) => {
      const database = new Database(place.target);
      const out = path.join(origin.dataDir, '..', folder);
      const options = { out, version: '0', migrations };
      await backup({ ...place, database, retentionDays: 0 }, options).finally(() => database.close());
      return out;
    };

    it('an older release’s is migrated on; a newer one’s is refused, and so is a database that is not ours yet', async () => {
      await assert.rejects(saved(origin, 'too-early', NEXT), /lacks migration .*_shout/);

      const old = await saved(origin, 'old', OURS);
      const place = await places.open();
      // PostgreSQL is there; the embedded one needs its program.
      if (place.target.kind === 'embedded') await place.serve();
      const database = new Database(place.target);
      const manifest = await checkBackup(old, NEXT);
      const target = { ...place, database, configDir: null };
      await restore(target, { from: old, manifest, migrations: NEXT, force: false });
      const read = async (text: string) => (await database.session((session) => session.query(text))).rows;
      const rows = (await read('select id, title, shout from videos order by id')) as Record<string, string>[];
      assert.equal(rows.length, 2);
      for (const { title, shout } of rows) assert.equal(shout, title?.toUpperCase());
      assert.equal((await read('select max(version) as version from schema_migrations'))[0]?.['version'], NEXT.length);
      const { videos: _changed, ...others } = await allRows(database);
      const { videos: _before, ...asBefore } = await allRows(await origin.serve());
      assert.deepEqual(others, asBefore);
      await database.close();

      const newer = await saved(place, 'newer', NEXT);
      await assert.rejects(checkBackup(newer, OURS), /newer release/);
      const foreign = OURS.map((migration) => ({ ...migration, checksum: '0'.repeat(64) }));
      await assert.rejects(checkBackup(old, foreign), /another release/);
    });
  });
}

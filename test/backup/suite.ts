import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sql } from 'drizzle-orm';
import { checkBackup } from '../../src/backup/check.ts';
import { objectPath } from '../../src/backup/copy-objects.ts';
import { readMigrations } from '../../src/database/migrations.ts';
import type { AssetRef } from '../../src/domain/asset.ts';
import { command, refused, succeeding } from './command.ts';
import { allObjects, fillPlace } from './estate.ts';
import { allRows, type Place, type Places } from './places.ts';

/** What holds on each kind of database; a file each, so that none takes too long. */
export function itBacksUpAndRestores(name: string, start: () => Promise<Places>): void {
  describe(`backup and restore on ${name}`, () => {
    let places: Places;
    let origin: Place;
    let films: AssetRef[];
    let out: string;
    before(async () => {
      places = await start();
      origin = await places.open();
      films = await fillPlace(origin);
      out = path.join(origin.dataDir, '..', 'backup');
    });
    after(() => places?.stop());

    it('bring every row, object, upload, the key and the configuration to an empty place, from a product that runs', async () => {
      const said = await succeeding(origin.environment, 'backup', '--out', out);
      assert.deepEqual(said['lost'], []);
      assert.equal((said['tables'] as Record<string, number>)['events'], 2100);
      assert.deepEqual(readdirSync(path.join(out, 'config')), readdirSync(origin.configDir));
      assert.equal(statSync(path.join(out, 'secret')).mode & 0o777, 0o600);

      const place = await places.open();
      writeFileSync(
        path.join(place.configDir, 'prices.yaml'),
        `${readFileSync(path.join(place.configDir, 'prices.yaml'), 'utf8')}\n# mine\n`,
      );
      const restored = await succeeding(place.environment, 'restore', '--from', out);
      assert.deepEqual(
        restored['config_differs'],
        ['prices.yaml'],
        'a person’s configuration stays, and they hear of it',
      );
      assert.match(readFileSync(path.join(place.configDir, 'prices.yaml'), 'utf8'), /# mine/);
      assert.match(JSON.stringify(restored['warnings']), /Temporal could not be asked/);

      const rows = await allRows(await place.serve());
      assert.deepEqual(rows, await allRows(await origin.serve()));
      await place.rest();
      assert.deepEqual(await allObjects(place), await allObjects(origin));
      assert.equal(readFileSync(path.join(place.dataDir, 'secret'), 'utf8'), 'a key of idempotency ids');
      assert.equal(statSync(path.join(place.dataDir, 'secret')).mode & 0o777, 0o600);
    });

    it('refuse a folder or a database that is not empty; --force and --config replace', async () => {
      assert.match(await refused(origin.environment, 'backup', '--out', out), /is not empty/);
      const place = await places.open();
      await fillPlace(place, { videos: 1, rowsEach: 3 });
      const database = await place.serve();
      // An idle connection is closed after ten seconds; the command may take longer to look.
      const inUse = setInterval(() => void database.run((query) => query.execute(sql`select 1`)), 1_000);
      const refusal = await refused(place.environment, 'restore', '--from', out);
      clearInterval(inUse);
      assert.match(refusal, name === 'PostgreSQL' ? /connected to this database/ : /has the database in .* open/);
      const before = await allRows(database);
      await place.rest();
      assert.match(await refused(place.environment, 'restore', '--from', out), /has rows already/);
      assert.deepEqual(await allRows(await place.serve()), before, 'nothing was touched');
      await place.rest();

      rmSync(path.join(place.configDir, 'prices.yaml'));
      writeFileSync(
        path.join(place.configDir, 'prices.yaml'),
        readFileSync(path.join(out, 'config/prices.yaml')) + '\n# mine\n',
      );
      const restored = await succeeding(place.environment, 'restore', '--from', out, '--force', '--config');
      assert.deepEqual(restored['config_differs'], []);
      assert.doesNotMatch(readFileSync(path.join(place.configDir, 'prices.yaml'), 'utf8'), /# mine/);
      assert.deepEqual(await allRows(await place.serve()), await allRows(await origin.serve()));
      await place.rest();
    });

    it('refuse what is damaged in any place, before anything is touched', async () => {
      const place = await places.open();
      const files = [
        'tables/purchases.ndjson',
        'objects.ndjson',
        objectPath(films[0]!.sha256),
        'manifest.json',
        'secret',
      ];
      for (const file of files) {
        const whole = readFileSync(path.join(out, file));
        const flipped = Buffer.from(whole);
        flipped[Math.floor(flipped.byteLength / 2)]! ^= 1;
        writeFileSync(path.join(out, file), flipped);
        await assert.rejects(checkBackup(out, readMigrations()), /damaged/, file);
        if (file === files[0]) assert.match(await refused(place.environment, 'restore', '--from', out), /damaged/);
        writeFileSync(path.join(out, file), whole);
      }
      await checkBackup(out, readMigrations());
      assert.equal(existsSync(place.dataDir), false, 'not even a folder was made');
      assert.match(await refused(place.environment, 'restore', '--from', place.configDir), /no complete backup/);
    });

    it('tell of objects that rows name and the store has lost, and save the rest', async () => {
      await origin.assets.remove(films[1]!.sha256);
      const folder = path.join(out, '..', 'lossy');
      const { code, out: said } = await command(origin.environment, 'backup', '--out', folder, '--json');
      assert.equal(code, 3);
      assert.deepEqual((JSON.parse(said) as { lost: unknown }).lost, [{ sha256: films[1]!.sha256, why: 'missing' }]);
      // The rows that name it are months old: where `prune` removes what is older than a day, that is no loss.
      const pruning = { ...origin.environment, RETENTION_DAYS: '1' };
      const again = await succeeding(pruning, 'backup', '--out', folder, '--update');
      assert.deepEqual([again['lost'], again['pruned']], [[], 1]);
      const place = await places.open();
      assert.equal((await succeeding(place.environment, 'restore', '--from', folder))['lost'], 1);
      assert.deepEqual(await allObjects(place), await allObjects(origin));
      await origin.assets.put(Buffer.alloc(40_000, 'film 2'), 'video/mp4');
    });
  });
}

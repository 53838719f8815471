import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Database } from '../../src/database/database.ts';
import { DatabaseUnavailable } from '../../src/database/errors.ts';
import type { AssetRef } from '../../src/domain/asset.ts';
import type { PermanentError } from '../../src/domain/errors.ts';
import { UploadIndex } from '../../src/store/upload-index.ts';
import { DATABASES, type TestDatabase } from '../database/servers.ts';
import { collect } from './stores.ts';

const sha256 = (n: number): string => n.toString(16).padStart(64, '0');
const asset = (n: number): AssetRef => ({
  ...{ sha256: sha256(n), sizeBytes: n, uri: `asset:${sha256(n)}`, mediaType: 'image/png' },
});
const NO_LIMIT = { maxCount: 1e6, maxTotalBytes: 1e12 };

for (const { name, start } of DATABASES)
  describe(`uploads in ${name}`, () => {
    let under: TestDatabase;
    let index: UploadIndex;
    before(async () => void (under = await start()));
    after(() => under.stop());
    beforeEach(async () => {
      await under.empty();
      index = new UploadIndex({ database: under.database });
    });

    const admit = (n: number, tenant = 'local'): Promise<void> => index.admit(asset(n), { tenant, limits: NO_LIMIT });
    const kept = async (): Promise<string[]> =>
      (await collect(index.list())).map((each) => `${each.tenant} ${Number.parseInt(each.sha256, 16)}`).sort();

    it('are known once each, by tenant', async () => {
      await Promise.all([1, 2, 12, 1].map((n) => admit(n)));
      await admit(1, 'other');
      assert.deepEqual(await kept(), ['local 1', 'local 12', 'local 2', 'other 1']);
      for await (const { sizeBytes, sha256: id, addedAt } of index.list()) {
        assert.equal(sizeBytes, Number.parseInt(id, 16));
        assert.ok(Math.abs(addedAt.getTime() - Date.now()) < 60_000);
      }
    });

    it('are forgotten by one tenant alone, and wanted a while longer: a run may have named them', async () => {
      for (const tenant of ['local', 'other']) await admit(1, tenant);
      await admit(2);
      const wanted = async (since: Date) => (await collect(index.wantedSince(since))).sort();
      for (const n of [1, 2]) assert.equal(await index.remove({ tenant: 'local', sha256: sha256(n) }), true);
      assert.equal(await index.remove({ tenant: 'local', sha256: sha256(1) }), false);
      assert.deepEqual(await kept(), ['other 1']);
      const [before, after] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
      assert.deepEqual(await wanted(before), [sha256(1), sha256(1), sha256(2)]);
      assert.deepEqual(await wanted(after), [sha256(1)]);
      await index.dropForgotten(before);
      assert.equal((await wanted(before)).length, 3);
      await index.dropForgotten(after);
      assert.deepEqual(await wanted(before), [sha256(1)]);
      await admit(2);
      assert.deepEqual(await kept(), ['local 2', 'other 1']);
    });

    it('fill the last place once, however many come at once through two gateways', async () => {
      const limits = { maxCount: 5, maxTotalBytes: 1e9 };
      const second = new Database(under.target);
      const gateways = [index, new UploadIndex({ database: second })];
      const outcomes = await Promise.allSettled(
        Array.from({ length: 16 }, (_, n) => gateways[n % 2]!.admit(asset(n), { tenant: 'local', limits })),
      );
      await second.close();
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 5);
      assert.equal((await kept()).length, 5);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') assert.equal((outcome.reason as PermanentError).code, 'too_many_uploads');
    });

    it('are limited in count and size; the same again takes no place, one forgotten makes room', async () => {
      const limits = { maxCount: 3, maxTotalBytes: 100 };
      const limited = (n: number): Promise<void> => index.admit(asset(n), { tenant: 'local', limits });
      for (const n of [40, 50]) await limited(n);
      await assert.rejects(limited(11), /MAX_UPLOADS_TOTAL_MB/);
      await limited(10);
      await limited(10);
      await assert.rejects(limited(0), /3 uploads \(MAX_UPLOADS\)/);
      await index.remove({ tenant: 'local', sha256: sha256(40) });
      await limited(0);
      assert.deepEqual(await kept(), ['local 0', 'local 10', 'local 50']);
      await assert.rejects(limited(40), /MAX_UPLOADS/);
      await index.admit(asset(40), { tenant: 'other', limits });
    });

    it('are listed however many there are', async () => {
      const rows = Array.from(
        { length: 2_345 },
        (_, n) => `('local', lpad('${n}', 64, '0'), 'image/png', 1, 'uploaded')`,
      );
      const columns = '(tenant, sha256, media_type, size_bytes, origin)';
      await under.database.run((query) => query.execute(`insert into assets ${columns} values ${rows.join()}`));
      assert.equal(new Set((await collect(index.list())).map((each) => each.sha256)).size, 2_345);
    });

    it('are neither taken nor forgotten while the database is away', async () => {
      await admit(1);
      await under.crash();
      try {
        await assert.rejects(admit(2), DatabaseUnavailable);
        await assert.rejects(index.remove({ tenant: 'local', sha256: sha256(1) }), DatabaseUnavailable);
      } finally {
        await under.restart();
      }
      assert.deepEqual(await kept(), ['local 1']);
    });
  });

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { PermanentError } from '../../src/domain/errors.ts';
import { admitUpload } from '../../src/store/admit-upload.ts';
import { openUploadIndex } from '../../src/store/open-asset-store.ts';
import type { UploadIndex } from '../../src/store/upload-index.ts';
import { SET_UP_MS } from './s3-server.ts';
import { collect, type StoreKind, STORES, type StoreUnderTest } from './stores.ts';

const sha256 = (n: number): string => n.toString(16).padStart(64, '0');
const upload = (n: number, tenant = 'local') => ({ tenant, sha256: sha256(n), sizeBytes: n });
const asset = (n: number) => ({
  ...{ sha256: sha256(n), sizeBytes: n, uri: `asset:${sha256(n)}`, mediaType: 'image/png' },
});

for (const kind of STORES) describe(`uploads beside a ${kind.name}`, () => suite(kind));

function suite(kind: StoreKind): void {
  let started: Awaited<ReturnType<StoreKind['start']>>;
  let under: StoreUnderTest;
  let index: UploadIndex;
  before(async () => void (started = await kind.start()), { timeout: SET_UP_MS });
  after(() => started.stop());
  beforeEach(async () => {
    under = await started.open();
    index = await openUploadIndex(under.settings);
  });
  afterEach(() => under.remove());

  const kept = async (tenant?: string): Promise<string[]> =>
    (await collect(index.list(tenant))).map((each) => `${each.tenant} ${Number.parseInt(each.sha256, 16)}`).sort();

  it('knows each upload once, by tenant', async () => {
    assert.deepEqual(await Promise.all([1, 2, 12].map((n) => index.add(upload(n)))), [true, true, true]);
    assert.equal(await index.add(upload(1)), false);
    assert.equal(await index.add(upload(1, 'other')), true);
    assert.deepEqual(await kept('local'), ['local 1', 'local 12', 'local 2']);
    assert.deepEqual(await kept(), ['local 1', 'local 12', 'local 2', 'other 1']);
    assert.deepEqual(await kept('nobody'), []);
    for await (const { sizeBytes, sha256: id, addedAt } of index.list()) {
      assert.equal(sizeBytes, Number.parseInt(id, 16));
      assert.ok(Math.abs(addedAt.getTime() - Date.now()) < 60_000);
    }
  });

  it('forgets one of one tenant', async () => {
    for (const tenant of ['local', 'other']) await index.add(upload(1, tenant));
    assert.equal(await index.remove(upload(1)), true);
    assert.equal(await index.remove(upload(1)), false);
    assert.deepEqual(await kept(), ['other 1']);
  });

  it('takes no tenant for a path', async () => {
    await assert.rejects(index.add(upload(1, '../other')), /cannot be part of a key/);
    await assert.rejects(collect(index.list('..')), /cannot be part of a key/);
  });

  it('never keeps more than allowed, however many come at once through two gateways', async () => {
    const limits = { maxCount: 5, maxTotalBytes: 1e9 };
    const gateways = [index, await openUploadIndex(under.settings)];
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, (_, n) => admitUpload(gateways[n % 2]!, { tenant: 'local', limits })(asset(n))),
    );
    const admitted = outcomes.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(admitted <= 5, `${admitted} admitted`);
    assert.equal((await kept()).length, admitted);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') assert.equal((outcome.reason as PermanentError).code, 'too_many_uploads');
  });

  it('takes them one after the other up to the limit, by count and by size, and the same again for nothing', async () => {
    const admit = admitUpload(index, { tenant: 'local', limits: { maxCount: 3, maxTotalBytes: 100 } });
    for (const n of [40, 50]) await admit(asset(n));
    await assert.rejects(admit(asset(11)), /MAX_UPLOADS_TOTAL_MB/);
    await admit(asset(10));
    await admit(asset(10));
    await assert.rejects(admit(asset(0)), /3 uploads \(MAX_UPLOADS\)/);
    await index.remove(upload(40));
    await admit(asset(0));
    assert.deepEqual(await kept(), ['local 0', 'local 10', 'local 50']);
  });
}

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { eq } from 'drizzle-orm';
import { ulid } from 'ulid';
import { assets as assetRows, events, purchases, scenes, stills, videos } from '../../src/database/schema.ts';
import type { AssetRef } from '../../src/domain/asset.ts';
import type { VideoIdentity } from '../../src/domain/video-record.ts';
import { LocalBell } from '../../src/read-model/bell.ts';
import { findKeyUse, rememberKeyUse } from '../../src/read-model/idempotency.ts';
import { findVideo } from '../../src/read-model/read.ts';
import { tellAccepted, tellEnded, tellReport } from '../../src/read-model/tell.ts';
import { noteUse } from '../../src/store/note-use.ts';
import { prune, type Pruned } from '../../src/store/prune.ts';
import { StillCatalogue } from '../../src/store/still-catalogue.ts';
import { partialResult } from '../api/fixtures/results.ts';
import { DATABASES, type TestDatabase } from '../database/servers.ts';
import { ledgerOn, purchaseOf } from '../ledger/shop.ts';
import { STORES, type StoreUnderTest } from './stores.ts';

const DAY_MS = 24 * 3_600_000;
const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);
/** Objects of these tests are put now, and looked at when they are older than the retention. */
const RETENTION_DAYS = 30;
const LATER = inDays(40);
const OLD = inDays(5);
const KEPT = inDays(15);

for (const { name, start } of DATABASES) describe(`retention on ${name}`, () => suite(start));

function suite(start: () => Promise<TestDatabase>): void {
  let database: TestDatabase;
  let under: StoreUnderTest;
  before(async () => void (database = await start()));
  after(() => database.stop());
  beforeEach(async () => {
    await database.empty();
    under = await (await STORES[0]!.start()).open();
  });
  afterEach(() => under.remove());

  const model = () => ({ database: database.database, bell: new LocalBell() });
  const put = (content: string, mediaType = 'image/png'): Promise<AssetRef> =>
    under.store.put(Buffer.from(content), mediaType);
  const isKept = async (ref: AssetRef): Promise<boolean> => (await under.store.find(ref.sha256)) !== null;
  const pruned = (options: { dryRun?: boolean; retentionDays?: number } = {}): Promise<Pruned> => {
    const { retentionDays = RETENTION_DAYS, dryRun = false } = options;
    const settings = {
      ...under.settings,
      ...{ draftsRoot: `${under.settings.dataDir}/drafts`, retentionDays, segmentCacheBytes: 0, segmentCacheDays: 7 },
    };
    return prune(settings, { database: database.database, now: LATER, dryRun });
  };
  const isKnown = async ({ id }: VideoIdentity): Promise<boolean> =>
    (await findVideo(database.database, 'local', id)) !== null;

  async function began(createdAt = new Date()): Promise<VideoIdentity> {
    const video: VideoIdentity = {
      ...{ id: `v${ulid()}`, tenant: 'local', runId: 'run', assetType: 'text_to_image' },
      ...{ runStartedAt: createdAt.toISOString(), createdAt: createdAt.toISOString() },
    };
    const settled = { branch: 'visual', sceneId: 's1', state: 'complete', why: null } as const;
    await tellAccepted(model(), video);
    await tellReport(model(), video, {
      ...{ video: { id: video.id, tenant: 'local', assetType: video.assetType }, title: 'A film', closing: false },
      events: [{ at: video.createdAt, event: { type: 'scene_settled', ...settled } }],
      progress: { status: 'running', stage: 'assets', waiting: null, branches: { audio: null, visual: null } },
    });
    return video;
  }

  /** A whole film: what it is made of has names of its own; `picture` may be shared. */
  async function film(name: string, { finishedAt, picture }: { finishedAt: Date; picture: AssetRef }) {
    const video = await began();
    const part = (what: string): Promise<AssetRef> => put(`${what} of ${name}`);
    const narration = { asset: await part('narration'), words: await part('words') };
    const timeline = await put(JSON.stringify({ tracks: { pictures: [{ source: { asset: picture } }], narration } }));
    const named = { video: await part('video'), cover: await part('cover'), captions: await part('captions') };
    const zip = await part('draft');
    const unused = await part('an unused picture');
    const entry = {
      tenant: 'local',
      videoId: video.id,
      sceneId: 's1',
      prompt: name,
      style: null,
      referenceImage: null,
    };
    await new StillCatalogue(database.database, under.store).add({
      ...{ ...entry, aspectRatio: '9:16', still: { image: unused, width: 1, height: 1, model: 'm' } },
    });
    const ledger = ledgerOn(database);
    const key = { tenant: 'local', videoId: video.id, sceneId: 's1', purpose: 'still' } as const;
    const bought = { key, openedAt: new Date().toISOString(), state: 'answered', answer: { text: 'Hello' } } as const;
    await ledger.settle(purchaseOf({ ...bought, kept: { image: unused, width: 1, height: 1, model: 'm' } }));
    const result = { ...partialResult, ...named, subtitles: null, timeline, draft: { id: `draft-${video.id}`, zip } };
    await tellEnded(model(), video, {
      ...{ status: 'partial', stage: 'deliver', result, failure: null, cost: null },
      finishedAt: finishedAt.toISOString(),
    });
    return { video, assets: [...Object.values(named), ...Object.values(narration), timeline, zip, unused], timeline };
  }
  const areKept = async (assets: AssetRef[]): Promise<number> =>
    (await Promise.all(assets.map(isKept))).filter(Boolean).length;

  it('removes old videos with all that only they need, and nothing that a kept one needs', async () => {
    const [shared, lonely] = await Promise.all(['shared', 'lonely'].map((each) => put(each)));
    const old = await film('old', { finishedAt: OLD, picture: shared! });
    const kept = await film('kept', { finishedAt: KEPT, picture: shared! });

    const seen = await pruned({ dryRun: true });
    assert.deepEqual([seen.videos, seen.assets], [1, old.assets.length + 1]);
    assert.deepEqual([await isKnown(old.video), await areKept(old.assets)], [true, old.assets.length]);
    const removed = await pruned();
    assert.deepEqual(removed, seen);

    assert.deepEqual([await isKnown(old.video), await isKnown(kept.video)], [false, true]);
    assert.deepEqual([await areKept(old.assets), await areKept(kept.assets)], [0, kept.assets.length]);
    assert.deepEqual([await isKept(shared!), await isKept(lonely!)], [true, false]);
    for (const table of [scenes, events, stills]) {
      const left = await database.database.run((query) => query.select({ videoId: table.videoId }).from(table));
      assert.deepEqual([...new Set(left.map(({ videoId }) => videoId))], [kept.video.id]);
    }
    assert.deepEqual(await pruned(), { ...removed, videos: 0, assets: 0, bytes: 0 });
  });

  it('keeps the account of a removed video, without what was bought', async () => {
    const old = await film('old', { finishedAt: OLD, picture: await put('picture') });
    const before = await ledgerOn(database).list('local', old.video.id);
    await pruned();
    const account = await ledgerOn(database).list('local', old.video.id);
    assert.deepEqual(account, [{ ...before[0], answer: null, kept: null }]);
    assert.equal(account[0]?.price, before[0]?.price);
  });

  it('touches no video under way, nor what it has put or bought, known or not', async () => {
    const old = await film('old', { finishedAt: OLD, picture: await put('picture') });
    const video = await began(new Date(Date.now() - DAY_MS / 2));
    const unheardOf = await put('its film, of whose end the database has not heard');
    const { assets } = await pruned();
    assert.equal(assets, 0, 'all was put since it began');
    assert.deepEqual([await isKnown(video), await isKnown(old.video), await isKept(unheardOf)], [true, false, true]);

    await database.database.run((query) =>
      query
        .update(videos)
        .set({ createdAt: inDays(39) })
        .where(eq(videos.id, video.id)),
    );
    const still = await put('bought for it');
    const key = { tenant: 'local', videoId: video.id, sceneId: 's1', purpose: 'still' } as const;
    const bought = purchaseOf({ key, openedAt: new Date().toISOString(), state: 'answered', kept: { image: still } });
    await ledgerOn(database).settle(bought);
    assert.equal((await pruned()).assets, old.assets.length + 2, 'with its picture, and the film nobody has heard of');
    assert.equal(await isKept(still), true);
    assert.deepEqual((await ledgerOn(database).list('local', video.id))[0]?.kept, bought.kept);
  });

  it('keeps what a wish has named for as long as its run may last', async () => {
    const old = await film('old', { finishedAt: OLD, picture: await put('picture') });
    const music = old.assets[0]!;
    await noteUse(database.database, 'local', [music, music]);
    await database.database.run((query) => query.update(assetRows).set({ lastUsedAt: inDays(39.5) }));
    await pruned();
    assert.deepEqual([await isKept(music), await areKept(old.assets)], [true, 1]);
    await database.database.run((query) => query.update(assetRows).set({ lastUsedAt: inDays(38) }));
    await pruned();
    assert.equal(await isKept(music), false);
  });

  it('keeps what a living Idempotency-Key names; from an expired one a new video is made', async () => {
    const { video, assets } = await film('named', { finishedAt: OLD, picture: await put('picture') });
    const use = { tenant: 'local', keyHash: 'of a key', videoId: video.id, bodyHash: 'of a body' };
    await rememberKeyUse(database.database, { ...use, days: 60 });
    assert.deepEqual([(await pruned({ dryRun: true })).videos, (await pruned()).videos], [0, 0]);
    assert.equal(await areKept(assets), assets.length);

    await database.empty();
    const again = await film('named', { finishedAt: OLD, picture: await put('picture') });
    await rememberKeyUse(database.database, { ...use, videoId: again.video.id, days: 1 });
    assert.equal((await pruned()).videos, 1);
    assert.equal(await areKept(again.assets), 0);
    const known = await findKeyUse(database.database, 'local', use.keyHash);
    assert.equal(known?.videoId, again.video.id, 'no second video may get the id of the first, whose account is kept');
  });

  it('removes any number, and what is left when a prune was cut off', async () => {
    const row = (n: number) => ({
      ...{ id: `v${n}`, tenant: 'local', runId: 'run', status: 'failed', assetType: 'text_to_image', finishedAt: OLD },
    });
    const happened = (n: number) => ({ videoId: `v${n}`, id: 1, seq: n + 1, key: 'ended', type: 'ended', data: {} });
    const many = Array.from({ length: 230 }, (_, n) => n);
    await database.database.run((query) => query.insert(videos).values(many.map(row)));
    await database.database.run((query) => query.insert(events).values(many.map(happened)));
    const image = await put('bought for one whose row is gone already');
    const bought = (n: number) => ({
      ...{ tenant: 'local', videoId: `gone ${n}`, sceneId: 's1', purpose: 'still', attempt: 1, seed: n, price: 0.2 },
      ...{ provider: 'ark', model: 'm', state: 'answered' as const, units: {}, basis: 'estimated', kept: { image } },
      openedAt: new Date(),
    });
    await database.database.run((query) =>
      query.insert(purchases).values(Array.from({ length: 450 }, (_, n) => bought(n))),
    );
    assert.equal((await pruned({ dryRun: true })).videos, 230);
    const removed = await pruned();
    assert.deepEqual([removed.videos, removed.assets], [230, 1]);
    assert.deepEqual(await database.database.run((query) => query.select().from(events)), []);
  });

  it('reads every page of a long list of films', async () => {
    const picture = await put('picture');
    const kept = await film('kept', { finishedAt: KEPT, picture });
    const others = Array.from({ length: 250 }, (_, n) => ({
      ...{ id: `v${String(n).padStart(3, '0')}`, tenant: 'local', runId: 'run', status: 'partial' },
      ...{ assetType: 'text_to_image', finishedAt: KEPT, result: { timeline: kept.timeline } },
    }));
    const last = await put('named by the last one only');
    others.push({ ...others[0]!, id: 'w', result: { timeline: kept.timeline, video: last } as never });
    await database.database.run((query) => query.insert(videos).values(others));
    assert.equal((await pruned()).assets, 0);
    assert.deepEqual([await isKept(last), await areKept(kept.assets)], [true, kept.assets.length]);
  });

  it('goes on where a timeline is lost: nobody can use its parts, but what was bought stays', async () => {
    const kept = await film('kept', { finishedAt: KEPT, picture: await put('picture') });
    await under.lose(kept.timeline);
    await put('junk');
    assert.equal((await pruned()).assets, 4, 'junk, picture, narration and its words');
    assert.equal(await areKept(kept.assets), kept.assets.length - 3);
  });

  it('removes no video, and no part of one, when there is no retention', async () => {
    const { video, assets } = await film('old', { finishedAt: OLD, picture: await put('picture') });
    const { videos: removed, assets: gone } = await pruned({ retentionDays: 0 });
    assert.deepEqual([removed, gone, await isKnown(video), await areKept(assets)], [0, 0, true, assets.length]);
    assert.notEqual((await ledgerOn(database).list('local', video.id))[0]?.kept, null);
  });
}

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { eq, sql } from 'drizzle-orm';
import { scenes } from '../../src/database/schema.ts';
import type { VideoIdentity } from '../../src/domain/video-record.ts';
import { nameCheckpoint, namedCheckpoints } from '../../src/read-model/checkpoints.ts';
import { findKeyUse, rememberKeyUse } from '../../src/read-model/idempotency.ts';
import { eventsOf, eventsSince, findVideo, lastSeq, readVideos, unfinishedVideos } from '../../src/read-model/read.ts';
import { mendState } from '../../src/read-model/mend-state.ts';
import type { ReadModel } from '../../src/read-model/read-model.ts';
import { tellAccepted, tellCancelling, tellEnded, tellPresent, tellReport } from '../../src/read-model/tell.ts';
import { patiently } from '../database/patiently.ts';
import { DATABASES, type TestDatabase } from '../database/servers.ts';
import { AT, endingOf, modelOn, newVideo, reportOf, STORY, TENANT } from './model.ts';

for (const { name, start } of DATABASES) {
  describe(`the read model on ${name}`, () => {
    let under: TestDatabase;
    let model: ReadModel;
    before(
      async () => {
        under = await start();
        model = modelOn(under.database);
      },
      { timeout: 300_000 },
    );
    after(() => under.stop());
    beforeEach(() => under.empty());

    const typesOf = async ({ id }: VideoIdentity) =>
      (await eventsOf(model.database, id, { after: 0, limit: 100 })).map(({ event }) => event.type);
    const found = async ({ id }: VideoIdentity) => {
      const record = await findVideo(model.database, TENANT, id);
      assert.ok(record !== null);
      return record;
    };

    it('knows a video from its acceptance to its end, each event once and in order', async () => {
      const video = newVideo();
      await tellAccepted(model, video);
      assert.deepEqual(await found(video), {
        ...{ ...video, status: 'queued', stage: 'script', progress: null, title: null },
        ...{ result: null, failure: null, cost: null, finishedAt: null },
      });
      for (const count of [1, 3, 3, STORY.length]) await tellReport(model, video, reportOf(video, count));
      const { status, stage, progress, title } = await found(video);
      assert.deepEqual([status, stage, title, progress?.branches.visual?.settled], ['running', 'assets', 'A film', 2]);

      await tellEnded(model, video, endingOf());
      await tellEnded(model, video, endingOf({ status: 'failed' }));
      const ended = await found(video);
      assert.deepEqual([ended.status, ended.finishedAt, ended.result], ['partial', AT, endingOf().result]);
      assert.deepEqual(await typesOf(video), ['accepted', ...STORY.map(({ type }) => type), 'ended']);
      const ids = (await eventsOf(model.database, video.id, { after: 0, limit: 100 })).map(({ id }) => id);
      assert.deepEqual(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
      const settled = await model.database.run((query) =>
        query.select().from(scenes).where(eq(scenes.videoId, video.id)).orderBy(scenes.sceneId),
      );
      assert.deepEqual(
        settled.map(({ sceneId, state, why }) => [sceneId, state, why]),
        [
          ['s1', 'complete', null],
          ['s2', 'failed', 'content_rejected'],
        ],
      );
    });

    it('is taken up again by a newer run, and hears an older one no more', async () => {
      const video = newVideo();
      await tellReport(model, video, reportOf(video, STORY.length));
      await tellEnded(model, video, endingOf());
      const newer = { ...video, runId: 'run-2', runStartedAt: '2026-11-21T09:00:00.000Z' };
      const present = { checkpoint: 'after_script', status: 'queued', stage: 'assets' } as const;
      assert.equal(await tellReport(model, newer, reportOf(newer, 3)), 'other_run', 'a run cannot say so itself');
      assert.equal((await found(video)).status, 'partial');

      for (const _twice of [1, 2]) await tellPresent(model, newer, present);
      const again = await found(video);
      assert.deepEqual(
        [again.status, again.stage, again.runId, again.finishedAt, again.result, again.createdAt],
        ['queued', 'assets', 'run-2', null, null, AT],
      );
      // The run before: its end, told once more; its word on itself; and that it be the present one.
      await tellEnded(model, video, endingOf());
      await tellReport(model, video, reportOf(video, STORY.length));
      await tellCancelling(model, video, AT);
      await tellPresent(model, { ...video, runId: 'run-0' }, present);
      assert.deepEqual(await found(video), again);

      // A copied history is no news; what happened since is.
      const later = '2026-11-21T09:00:01.000Z';
      const settled = { type: 'scene_settled', branch: 'visual', sceneId: 's2', state: 'complete', why: null } as const;
      const report = reportOf(newer, STORY.length);
      await tellReport(model, newer, { ...report, events: [...report.events, { at: later, event: settled }] });
      await tellEnded(model, newer, endingOf({ finishedAt: later }));
      const first = [...STORY.map(({ type }) => type), 'ended'];
      assert.deepEqual(await typesOf(video), [...first, 'restored', 'scene_settled', 'ended']);
      const scene = await model.database.run((query) => query.select().from(scenes).where(eq(scenes.sceneId, 's2')));
      assert.deepEqual(
        scene.map(({ state, why }) => [state, why]),
        [['complete', null]],
      );
    });

    it('keeps what a name stands for', async () => {
      const of = { tenant: TENANT, videoId: newVideo().id };
      const mine = { name: 'mine', checkpoint: 'after_assets', runId: 'run-1' } as const;
      assert.equal(await nameCheckpoint(model.database, of, mine), true);
      assert.equal(await nameCheckpoint(model.database, of, { ...mine, runId: 'run-2' }), false);
      const [known, ...others] = await namedCheckpoints(model.database, of);
      assert.deepEqual([known?.name, known?.checkpoint, known?.runId, others], ['mine', 'after_assets', 'run-1', []]);
    });

    it('makes up for reports that were lost, and takes nothing back for one that is late', async () => {
      const video = newVideo();
      await tellReport(model, video, reportOf(video, STORY.length));
      await tellReport(model, video, reportOf(video, 1));
      assert.equal((await found(video)).stage, 'assets');
      assert.deepEqual(
        await typesOf(video),
        STORY.map(({ type }) => type),
      );
    });

    it('tells each event once, though a second worker tells of the run in another order', async () => {
      const video = newVideo();
      await tellReport(model, video, reportOf(video, STORY.length));
      const second = reportOf(video, STORY.length);
      second.events.splice(1, 0, { at: AT, event: { type: 'cancelling' } });
      await tellReport(model, video, second);
      assert.deepEqual(await typesOf(video), [...STORY.map(({ type }) => type), 'cancelling']);
    });

    it('leaves out what another release wrote, and no more', async () => {
      const [strange, plain] = [newVideo(), newVideo()];
      for (const video of [strange, plain]) await tellReport(model, video, reportOf(video, 3));
      await model.database.run((query) =>
        query.execute(sql`update videos set status = 'dreaming' where id = ${strange.id}`),
      );
      await model.database.run((query) =>
        query.execute(sql`update events set type = 'dreamt' where video_id = ${plain.id} and id = 2`),
      );
      assert.equal(await findVideo(model.database, TENANT, strange.id), null);
      const listed = await readVideos(model.database, { tenant: TENANT, limit: 10, after: null });
      assert.deepEqual(
        listed.map(({ id }) => id),
        [plain.id],
      );
      assert.deepEqual(await typesOf(plain), ['stage_entered', 'stage_entered']);
      const { events, upTo } = await eventsSince(model.database, 0, 100);
      // It keeps its place, so that nobody waits for it.
      assert.deepEqual([events.length, events.filter(({ event }) => event !== null).length, upTo], [6, 5, 6]);
    });

    it('mends the state of a silent row, and of no other', async () => {
      const [silent, talking] = [newVideo(), newVideo()];
      for (const video of [silent, talking]) await tellAccepted(model, video);
      await model.database.run((query) =>
        query.execute(sql`update videos set updated_at = now() - interval '1 minute' where id = ${silent.id}`),
      );
      for (const video of [silent, talking])
        await mendState(model.database, { ...video, status: 'cancelling', stage: 'assets' });
      assert.deepEqual([(await found(silent)).status, (await found(silent)).stage], ['cancelling', 'assets']);
      assert.equal((await found(talking)).status, 'queued');
    });

    it('leaves it to Temporal how a run ended, and to nobody to go on after it', async () => {
      const video = newVideo();
      const closing = reportOf(video, STORY.length, { closing: true });
      closing.progress.status = 'success';
      await tellReport(model, video, closing);
      assert.equal((await found(video)).status, 'running');
      await tellEnded(model, video, endingOf({ status: 'terminated', result: null }));
      await tellReport(model, video, reportOf(video, STORY.length));
      await tellCancelling(model, video, AT);
      assert.equal((await found(video)).status, 'terminated');
      assert.equal((await typesOf(video)).at(-1), 'ended');
    });

    it('says that a cancel was asked for until the run has ended, whoever heard of it first', async () => {
      const video = newVideo();
      await tellReport(model, video, reportOf(video, 1));
      await tellCancelling(model, video, AT);
      await tellReport(model, video, reportOf(video, 3));
      assert.equal((await found(video)).status, 'cancelling');
      const heard = reportOf(video, 3);
      heard.events.push({ at: AT, event: { type: 'cancelling' } });
      await tellReport(model, video, heard);
      assert.equal((await typesOf(video)).filter((type) => type === 'cancelling').length, 1);
    });

    it('keeps all that many writers tell at once, in an order without gaps', async () => {
      const all = Array.from({ length: 12 }, () => newVideo());
      const reports = all.flatMap((video) => STORY.map((_, index) => ({ video, report: reportOf(video, index + 1) })));
      reports.sort(() => Math.random() - 0.5);
      await Promise.all(reports.map(({ video, report }) => patiently(() => tellReport(model, video, report))));
      const { events } = await eventsSince(model.database, 0, 1000);
      assert.deepEqual(
        events.map(({ seq }) => seq),
        Array.from({ length: 12 * STORY.length }, (_, index) => index + 1),
      );
      assert.equal(await lastSeq(model.database), events.length);
      for (const video of all) {
        assert.deepEqual((await typesOf(video)).toSorted(), STORY.map(({ type }) => type).toSorted());
      }
    });

    it('stores words that a database would refuse', async () => {
      const video = newVideo();
      await tellReport(model, video, reportOf(video, 1, { title: 'a\0b \ud800 ✓ 😀' }));
      assert.equal((await found(video)).title, 'ab \ufffd ✓ 😀');
    });

    it('gives its videos by pages, newest first, by status and kind', async () => {
      const at = (second: number) => new Date(Date.parse(AT) + second * 1000).toISOString();
      const all = [0, 1, 1, 2, 3].map((second) => newVideo({ createdAt: at(second) }));
      for (const video of all) await tellAccepted(model, video);
      await tellEnded(model, all[0]!, endingOf());
      const listed: string[] = [];
      for (let end = null as { createdAt: string; id: string } | null; ;) {
        const page = await readVideos(model.database, { tenant: TENANT, limit: 2, after: end });
        listed.push(...page.map(({ id }) => id));
        const last = page.at(-1);
        if (last === undefined) break;
        end = { createdAt: last.createdAt, id: last.id };
      }
      assert.equal(new Set(listed).size, 5);
      assert.deepEqual([listed[0], listed[4]], [all[4]!.id, all[0]!.id]);
      const only = async (change: object) =>
        (await readVideos(model.database, { tenant: TENANT, limit: 10, after: null, ...change })).length;
      assert.deepEqual(
        [await only({ status: 'queued' }), await only({ status: 'partial' }), await only({ tenant: 'other' })],
        [4, 1, 0],
      );
      assert.deepEqual(
        [await only({ assetType: 'text_to_video' }), await only({ assetType: 'text_to_image' })],
        [0, 5],
      );
      assert.equal((await unfinishedVideos(model.database, 10)).length, 4);
    });

    it('keeps the first use of a key until it expires', async () => {
      const use = { tenant: TENANT, keyHash: 'k', videoId: 'v1', bodyHash: 'b1', days: 1 };
      assert.equal(await findKeyUse(model.database, TENANT, 'k'), null);
      await rememberKeyUse(model.database, use);
      await rememberKeyUse(model.database, { ...use, videoId: 'v2', bodyHash: 'b2' });
      const first = await findKeyUse(model.database, TENANT, 'k');
      assert.deepEqual([first?.videoId, first?.bodyHash, first?.expired], ['v1', 'b1', false]);
      assert.equal(await findKeyUse(model.database, 'other', 'k'), null);
      await rememberKeyUse(model.database, { ...use, keyHash: 'old', days: -1 });
      assert.equal((await findKeyUse(model.database, TENANT, 'old'))?.expired, true);
      await rememberKeyUse(model.database, { ...use, keyHash: 'old', videoId: 'v3' });
      const again = await findKeyUse(model.database, TENANT, 'old');
      assert.deepEqual([again?.videoId, again?.expired], ['v3', false]);
    });
  });
}

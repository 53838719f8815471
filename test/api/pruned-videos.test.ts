import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@temporalio/client';
import { keepReconciled } from '../../src/api/reconciler.ts';
import { TemporalGate } from '../../src/api/temporal-gate.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { removeOldVideos } from '../../src/read-model/old-videos.ts';
import { findVideo } from '../../src/read-model/read.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { until } from '../ledger/shop.ts';
import { collect } from '../store/stores.ts';
import { startTestGateway, type TestGateway } from './harness.ts';
import { startTemporal, temporalClient } from './temporal-server.ts';

const DAY_MS = 24 * 3_600_000;
const RETENTION_DAYS = 30;
/** Temporal still has the history then, and the video is to be gone. */
const later = (): Date => new Date(Date.now() + 40 * DAY_MS);

describe('a video that was pruned while Temporal keeps its history', () => {
  let temporal: Awaited<ReturnType<typeof startTemporal>>;
  let database: TestDatabase;
  let client: Client;
  let today: TestGateway;
  let afterwards: TestGateway;
  let id: string;
  before(async () => {
    temporal = await startTemporal();
    client = await temporalClient(temporal.address);
    database = await startEmbedded();
    const env = { ...database.environment, STATUS_DEADLINE_SECONDS: '10', RETENTION_DAYS: String(RETENTION_DAYS) };
    today = await startTestGateway(client, env);
    afterwards = await startTestGateway(client, env, { clock: later });
    id = (await today.post({ video_theme: 'A watch' })).json.data.id;
    await client.workflow.getHandle(workflowIdOf(id)).terminate();
    await until(isKnownAsEnded);
  });
  after(async () => {
    await today.stop();
    await afterwards.stop();
    await client.connection.close();
    await temporal.stop();
    await database.stop();
  });

  const known = () => findVideo(database.database, 'local', id);
  const look = (gateway: TestGateway) => gateway.request('GET', `/api/v1/videos/${id}`);
  const isKnownAsEnded = async (): Promise<boolean> => {
    await look(today);
    return (await known())?.finishedAt != null;
  };
  const pruneRows = () => removeOldVideos(database.database, { endedBefore: later(), now: later() });

  /** One whole comparison with Temporal. */
  async function reconcileOnce(options: { retentionDays: number; clock?: () => Date }): Promise<void> {
    const stop = new AbortController();
    const gate = new TemporalGate(client, 10_000);
    const log = { error: (fields: object) => assert.fail(JSON.stringify(fields)) } as never;
    const looking = keepReconciled({ model: today.model, gate, log, signal: stop.signal, ...options });
    stop.abort();
    await looking;
  }

  it('comes back where its row was lost, and not where its time is over', async () => {
    assert.deepEqual(await pruneRows(), [id]);
    for (const retentionDays of [0, RETENTION_DAYS]) {
      await until(async () => {
        await reconcileOnce({ retentionDays });
        return (await known())?.status === 'terminated';
      });
      assert.deepEqual(await pruneRows(), [id]);
    }
    await reconcileOnce({ retentionDays: RETENTION_DAYS, clock: later });
    assert.equal(await known(), null);
  });

  it('is not there any more, for whoever asks, and asking does not bring it back', async () => {
    const answer = await look(afterwards);
    assert.deepEqual([answer.status, answer.json.error.code], [404, 'VIDEO_NOT_FOUND']);
    assert.equal(await known(), null);
    assert.equal((await look(today)).json.data.status, 'terminated', 'a lost row does not hide a video');
    await until(async () => (await known()) !== null);
    assert.equal((await look(afterwards)).status, 200, 'as long as its row is there, it is');
  });

  it('does not take with it what another one is being made of', async () => {
    const music = await today.store.put(Buffer.from('the music of a pruned film'), 'audio/mpeg');
    assert.equal((await today.post({ video_theme: 'A watch', bgm: music.sha256 })).status, 202);
    const wanted = () => collect(today.uploads.wantedSince(new Date(Date.now() - DAY_MS)));
    await until(async () => (await wanted()).includes(music.sha256));
    assert.deepEqual(await collect(today.uploads.list()), [], 'and it is no upload');
  });

  it('is told of as Temporal has it while nobody knows whether it was pruned', async () => {
    await pruneRows();
    await database.crash();
    try {
      assert.equal((await look(afterwards)).json.data.status, 'terminated');
    } finally {
      await database.restart();
    }
    assert.equal(await known(), null);
  });
});

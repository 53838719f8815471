import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@temporalio/client';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { findVideo } from '../../src/read-model/read.ts';
import { startEmbedded, type TestDatabase } from '../database/servers.ts';
import { inTime } from '../in-time.ts';
import { until } from '../until.ts';
import { finish } from './fixtures/workflows.ts';
import { partialResult } from './fixtures/results.ts';
import { startTestGateway, type Answer, type TestGateway } from './harness.ts';
import { startTemporal, startTestWorker, temporalClient } from './temporal-server.ts';

const UNKNOWN = 'v01ARZ3NDEKTSV4RRFFQ69G5FAV';

describe('checkpoints and restores that cannot be had', () => {
  let temporal: Awaited<ReturnType<typeof startTemporal>>;
  let worker: Awaited<ReturnType<typeof startTestWorker>>;
  let database: TestDatabase;
  let client: Client;
  let gateway: TestGateway;
  before(
    async () => {
      [temporal, database] = await Promise.all([startTemporal(), startEmbedded()]);
      client = await temporalClient(temporal.address);
      worker = await startTestWorker(temporal.address);
      gateway = await startTestGateway(client, database.environment);
    },
    { timeout: 120_000 },
  );
  after(async () => {
    await gateway.stop();
    await client.connection.close();
    await temporal.stop();
    await database.stop();
  });

  const send = (at: string, body?: unknown): Promise<Answer> =>
    gateway.request('POST', `/api/v1/videos/${at}`, {
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const restore = (id: string) => send(`${id}/restore`, { checkpoint: 'after_script' });
  const list = (id: string) => gateway.request('GET', `/api/v1/videos/${id}/checkpoints`);
  const told = ({ status, json }: Answer) => [status, json.error?.code ?? json.data.status];

  async function finished(): Promise<string> {
    const id = (await gateway.post({ video_theme: 'A watch' })).json.data.id as string;
    const handle = client.workflow.getHandle(workflowIdOf(id));
    await handle.signal(finish, partialResult);
    await handle.result();
    await until('its end is written', async () => {
      await gateway.request('GET', `/api/v1/videos/${id}`);
      return (await findVideo(gateway.model.database, 'local', id))?.status === 'partial';
    });
    return id;
  }

  it('say which field is wrong, and what there is not', async () => {
    const id = await finished();
    for (const body of [{}, { checkpoint: '' }, { checkpoint: 'Not-Lower' }, { checkpoint: 'x', why: 'y' }]) {
      const { status, json } = await send(`${id}/restore`, body);
      assert.deepEqual([status, json.error.code], [400, 'INVALID_REQUEST'], JSON.stringify(body));
      assert.match(json.error.details[0].field, /^(checkpoint|why)$/);
    }
    assert.deepEqual(told(await send(`${id}/restore`)), [400, 'INVALID_JSON']);
    const nobodys = await inTime(() => send(`${id}/restore`, { checkpoint: 'nobodys' }));
    assert.deepEqual(told(nobodys), [422, 'CHECKPOINT_UNKNOWN']);
    for (const ask of [() => restore(UNKNOWN), () => list(UNKNOWN), () => send('nothing/checkpoints')])
      assert.deepEqual(told(await inTime(ask)), [404, 'VIDEO_NOT_FOUND']);
  });

  it('have a hundred names at most, those that there are again and again', async () => {
    const id = await finished();
    const name = async (n: number): Promise<Answer & { asked: number }> => {
      let asked = 0;
      const answer = await inTime(() => {
        asked++;
        return send(`${id}/checkpoints`, { checkpoint: `point-${n}` });
      });
      return { ...answer, asked };
    };
    for (let n = 0; n < 100; n += 10) {
      const answers = await Promise.all(Array.from({ length: 10 }, (_, one) => name(n + one + 1)));
      // What was not answered in time may have been done all the same.
      assert.ok(
        answers.every(({ status, asked }) => status === 201 || (asked > 1 && status === 200)),
        JSON.stringify(answers.map(({ status }) => status)),
      );
    }
    assert.deepEqual(told(await name(101)), [409, 'TOO_MANY_CHECKPOINTS']);
    assert.equal((await name(100)).status, 200);
  });

  it('wait for the database, and for Temporal: nothing is begun that could not be told', async () => {
    const id = await finished();
    database.freeze();
    try {
      for (const answer of [await restore(id), await list(id), await send(`${id}/checkpoints`, { checkpoint: 'mine' })])
        assert.deepEqual(told(answer), [503, 'DATABASE_UNAVAILABLE']);
    } finally {
      database.thaw();
    }
    await until('the database answers', async () => (await list(id)).status === 200);
    temporal.signal('SIGSTOP');
    try {
      assert.deepEqual(told(await restore(id)), [503, 'TEMPORAL_UNAVAILABLE']);
      assert.equal((await list(id)).status, 200, 'of what has ended, Temporal is not asked');
    } finally {
      temporal.signal('SIGCONT');
    }
    assert.equal((await client.workflow.getHandle(workflowIdOf(id)).describe()).status.name, 'COMPLETED');
  });

  it('are gone with the run’s history, and need a worker', async () => {
    const [gone, alone] = [await finished(), await finished()];
    const { workflowService, options } = client;
    const workflowExecution = { workflowId: workflowIdOf(gone) };
    await workflowService.deleteWorkflowExecution({ namespace: options.namespace, workflowExecution });
    await until('Temporal has forgotten it', async () => {
      const { status, json } = await restore(gone);
      return status === 410 && json.error.code === 'HISTORY_GONE';
    });
    assert.equal((await gateway.request('GET', `/api/v1/videos/${gone}`)).json.data.status, 'partial');
    await worker.stop();
    const answer = await restore(alone);
    assert.deepEqual(told(answer), [503, 'NO_WORKER']);
    assert.equal(answer.headers.get('retry-after'), '2');
  });
});

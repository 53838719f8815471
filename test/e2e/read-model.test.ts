import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { startPostgres, type PostgresServer } from '../database/postgres-server.ts';
import { RedisServer } from '../read-model/redis-server.ts';
import { assertAgree } from './agree.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { EventReader } from './events.ts';
import { StackUnderTest, type Extra } from './stack-under-test.ts';
import { inTime } from '../in-time.ts';
import { until } from '../until.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

const SLOW_PICTURES = [{ route: 'image', fault: { delayMs: 2500 } }] as const;

describe('two gateways and three workers on one PostgreSQL', () => {
  let server: PostgresServer;
  let redis: RedisServer;
  let under: StackUnderTest;
  let second: Extra;
  before(
    async () => {
      [server, redis] = await Promise.all([startPostgres(), RedisServer.start()]);
      under = await StackUnderTest.start({ DATABASE_URL: await server.createDatabase(), REDIS_URL: redis.url });
      second = await gateway();
    },
    { timeout: 600_000 },
  );
  after(async () => {
    await under?.stop();
    await redis?.stop();
    await server?.stop();
  });

  const gateway = () => under.program('src/api/main.js', { GATEWAY_PORT: '0' });
  const worker = () => under.program('src/workers/main.js', {});
  const events = (base: string, id: string, lastId?: number) =>
    new EventReader(`${base}/api/v1/videos/${id}/events`, lastId);

  it('lose nothing when each is killed in turn: films finish, paid once, and all who are asked agree', async () => {
    await under.sandbox.reset([...SLOW_PICTURES]);
    const workers = await Promise.all([worker(), worker()]);
    const ids = [await under.order(), await under.order({ duration: 10 }, { base: second.ready as string })];
    await until('pictures are under way', async () => (await under.sandbox.arrived('image')).length >= 2);
    process.kill(under.stack.pid('gateway') as number, 'SIGKILL');
    process.kill(workers[0]!.pid, 'SIGKILL');
    await until('both films have all their parts', async () => {
      const stages = await Promise.all(ids.map((id) => at(second.ready as string, id)));
      return stages.every(({ stage }) => stage === 'compose' || stage === 'deliver');
    });
    process.kill(under.stack.pid('worker') as number, 'SIGKILL');
    // Most of both may be encoded by now: then they are joined, and soon done.
    await until('ffmpeg works again', async () => {
      const seen = await Promise.all(ids.map((id) => at(second.ready as string, id)));
      return (
        under.ffmpegs().length > 0 || seen.every(({ stage, status }) => stage === 'deliver' || status === 'success')
      );
    });
    process.kill(workers[1]!.pid, 'SIGKILL');
    await until('the first gateway is back', () =>
      fetch(`${under.stack.urls.gateway}/health`).then(
        (r) => r.ok,
        () => false,
      ),
    );
    const films = [];
    for (const id of ids) films.push(await under.finished(id));
    for (const [index, film] of films.entries()) {
      assert.equal(film.status, 'success', JSON.stringify(film.degradations));
      await assertAtRest(under, ids[index]!, 'COMPLETED');
      assert.deepEqual(await at(second.ready as string, ids[index]!), await at(under.stack.urls.gateway, ids[index]!));
    }
    const lines = films.flatMap(({ cost }) => cost.lines);
    const cost = { ...films[0]!.cost, lines: lines.map((line, n) => ({ ...line, scene_id: `${n}` })) };
    // The first kill may have met every picture that was in flight.
    await assertHonestAccount(under, cost, { lost: 4 });
  });

  const at = async (base: string, id: string) => {
    const url = `${base}/api/v1/videos/${id}`;
    const answer = await inTime(() => fetch(url));
    const { data } = (await answer.json()) as { data: { status: string; stage: string } };
    // Each gateway names assets by its own address.
    return JSON.parse(JSON.stringify(data).replaceAll(base, 'http://gateway')) as typeof data;
  };

  it('stream what happens without a gap, from one gateway to the other, with Redis and without', async () => {
    await under.sandbox.reset([...SLOW_PICTURES]);
    const base = second.ready as string;
    const id = await under.order({}, { base });
    const first = events(base, id);
    await until('branches have started', () => first.events.some(({ type }) => type === 'branch_started'));
    process.kill(second.pid, 'SIGKILL');
    await first.over;
    const rest = events(under.stack.urls.gateway, id, first.lastId);
    await redis.kill();
    const late = events(under.stack.urls.gateway, id);
    await Promise.all([rest.over, late.over]);
    await redis.restart();

    const told = [...first.events, ...rest.events];
    assert.deepEqual(told, late.events);
    assert.deepEqual(
      told.map((event) => event.id),
      told.map((_, index) => index + 1),
    );
    // On a busy machine the worker may be heard before the gateway, or the gateway be gone before it has told.
    assert.match(told[0]?.type ?? '', /^(accepted|stage_entered)$/);
    assert.deepEqual(told.at(-1), { ...told.at(-1), type: 'ended', status: 'success' });
    assert.equal(told.filter(({ type }) => type === 'scene_settled').length, 4);
    const after = events(under.stack.urls.gateway, id, told.length);
    await after.over;
    assert.deepEqual(after.events, []);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('answer while the database stands still, and with all workers dead', async () => {
    assert.ok(server.own, 'this test breaks its server: run it without TEST_DATABASE_URL');
    const finished = await under.finished(await under.order());
    await under.sandbox.reset([{ route: 'image', fault: { hang: true } }]);
    const id = await under.order();
    await under.untilVideo(id, 'has settled its narration', ({ progress }) => progress?.branches.audio?.settled === 2);

    server.own.freeze();
    for (const known of [id, finished.id]) {
      const startedAt = performance.now();
      const { status } = await at(under.stack.urls.gateway, known);
      assert.equal(status, known === id ? 'running' : finished.status);
      assert.ok(performance.now() - startedAt < onABusyMachine(2500), `${performance.now() - startedAt} ms`);
    }
    assert.equal(
      ((await (await fetch(`${under.stack.urls.gateway}/health`)).json()) as Health).data.status,
      'degraded',
    );
    server.own.thaw();
    await until('the database is found again', async () => {
      const health = (await (await fetch(`${under.stack.urls.gateway}/health`)).json()) as Health;
      return health.data.status === 'healthy';
    });

    // Its supervisor would start a dead one again.
    process.kill(under.stack.pid('worker') as number, 'SIGSTOP');
    const alone = await under.untilVideo(id, 'waits for a worker', ({ waiting }) => waiting?.reason === 'no_worker');
    assert.equal(alone.progress?.branches.audio?.settled, 2);
    // Nobody is left to tell of this end: the gateways find it.
    await under.client.workflow.getHandle(workflowIdOf(id)).terminate();
    await assertAgree(under, id);
    assert.equal((await under.video(id)).status, 'terminated');
    process.kill(under.stack.pid('worker') as number, 'SIGCONT');
  });
});

interface Health {
  data: { status: string };
}

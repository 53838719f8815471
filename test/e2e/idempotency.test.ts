import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { sql } from 'drizzle-orm';
import { ulid } from 'ulid';
import { startPostgres, type PostgresServer } from '../database/postgres-server.ts';
import { restoring } from './restoring.ts';
import { SMALL, StackUnderTest, type Extra } from './stack-under-test.ts';
import { until } from '../until.ts';

const AT_ONCE = 1_000;
/** As Retry-After says. */
const RETRY_MS = 2_000;
const KILLS = 8;
const KEYS_AT_A_KILL = 12;
/** Within this a POST is anywhere between its arrival and its answer. */
const POST_MS = 80;

describe('an Idempotency-Key at two gateways on one PostgreSQL', () => {
  let server: PostgresServer;
  let under: StackUnderTest;
  let second: Extra;
  before(
    async () => {
      server = await startPostgres();
      under = await StackUnderTest.start({ DATABASE_URL: await server.createDatabase() });
      second = await gateway();
    },
    { timeout: 300_000 },
  );
  after(async () => {
    await under?.stop();
    await server?.stop();
  });

  const gateway = () => under.program('src/api/main.js', { GATEWAY_PORT: '0' });
  const post = async (key: string, base: string, body: unknown = SMALL) => {
    const headers = { 'idempotency-key': key };
    const response = await under.request('POST', '/api/v1/generate-video', { body, headers, base });
    const { data } = (await response.json()) as { data?: { id: string } };
    const isReplayed = response.headers.get('idempotent-replayed') === 'true';
    if (response.status === 503) assert.ok(response.headers.has('retry-after'), 'says when to try again');
    return { status: response.status, id: data?.id ?? '', isReplayed };
  };
  /** As the answer 503 asks for it, and as after a connection that the gateway closed at the moment of the request. */
  const postUntilHeard = async (key: string, base: string) => {
    for (let asked = 1; ; asked++) {
      const answer = await post(key, base).catch((error: unknown) => {
        if (error instanceof TypeError && error.message === 'fetch failed') return null;
        throw error;
      });
      if (answer !== null && answer.status !== 503) return { ...answer, asked };
      await sleep(RETRY_MS);
    }
  };
  const countOf = async (what: string) => {
    const { rows } = await under.database.run((query) =>
      query.execute(sql.raw(`select count(*)::int as n from ${what}`)),
    );
    return (rows[0] as { n: number }).n;
  };
  /** Every run there ever was, by Temporal's own count, once that is up to date. */
  const untilRuns = (count: number) => {
    let found = -1;
    return until(
      `there are ${count} runs`,
      async () => (found = (await under.client.workflow.count(`WorkflowType = 'generateVideo'`)).count) === count,
      { otherwise: () => `${found}` },
    );
  };

  it('sent a thousand times at once starts one run, and everybody is told of it', async () => {
    await under.sandbox.reset();
    const bases = [under.stack.urls.gateway, second.ready as string];
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => postUntilHeard('the-one-key', bases[index % 2] as string)),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    assert.ok(
      [...statuses].every((status) => status === 202 || status === 200),
      [...statuses].join(', '),
    );
    const ids = new Set(answers.map(({ id }) => id));
    assert.equal(ids.size, 1);
    const started = answers.filter(({ isReplayed }) => !isReplayed);
    assert.ok(started.length <= 1, 'at most one of them started it');
    // Whoever started it may have been told to try again on a machine that is too busy for its deadlines.
    if (answers.every(({ asked }) => asked === 1)) assert.equal(started.length, 1);
    await untilRuns(1);
    // On a machine this busy the database may have been too late for the one who noted the key: whoever comes next notes it.
    await until('the key is noted', async () => {
      await postUntilHeard('the-one-key', bases[0] as string);
      return (await countOf('idempotency_keys')) === 1;
    });
    await untilRuns(1);
    assert.equal(await countOf('videos'), 1);
    const [id = ''] = ids;
    const video = await under.finished(id);
    assert.equal(video.status, 'success');
    assert.equal((await under.sandbox.billed('image')).length, 2, 'bought for one film');
  });

  it('is the same video’s while that is restored, and after', async () => {
    const { restored, billed } = restoring(under);
    const { id } = await post('the-one-key', under.stack.urls.gateway);
    const bought = await billed();
    await restored(id, 'after_assets');
    for (const base of [under.stack.urls.gateway, second.ready as string]) {
      assert.deepEqual(await post('the-one-key', base), { status: 202, id, isReplayed: true });
      assert.equal((await post('the-one-key', base, { ...SMALL, duration: 6 })).status, 422);
    }
    await under.finished(id);
    assert.deepEqual(await post('the-one-key', second.ready as string), { status: 202, id, isReplayed: true });
    assert.equal(await billed(), bought);
    assert.equal(await countOf('videos'), 1);
  });

  it('has one run, whenever its gateway is killed, and however often it is sent again', async () => {
    // Nothing of them is made: they wait for their script.
    await under.sandbox.reset([{ route: 'chat', fault: { hang: true } }]);
    const runsBefore = (await under.client.workflow.count(`WorkflowType = 'generateVideo'`)).count;
    const keys: string[] = [];
    const told = new Map<string, Set<string>>();
    const tell = (key: string, id: string) => told.set(key, (told.get(key) ?? new Set()).add(id));
    for (let kill = 0; kill < KILLS; kill++) {
      const doomed = await gateway();
      const theirs = Array.from({ length: KEYS_AT_A_KILL }, () => `key-${ulid()}`);
      keys.push(...theirs);
      const posts = theirs.map((key) =>
        post(key, doomed.ready as string).then(
          ({ status, id }) => (status === 202 ? tell(key, id) : undefined),
          () => undefined, // it died before it could answer
        ),
      );
      await sleep(Math.random() * POST_MS);
      process.kill(doomed.pid, 'SIGKILL');
      await Promise.all(posts);
    }
    for (const base of [under.stack.urls.gateway, second.ready as string])
      for (const key of keys)
        await until(`${key} is taken`, async () => {
          const { status, id } = await post(key, base);
          if (status === 202) tell(key, id);
          return status === 202;
        });
    for (const [key, ids] of told) assert.equal(ids.size, 1, `${key}: ${[...ids].join(', ')}`);
    await untilRuns(runsBefore + keys.length);
    assert.equal(new Set([...told.values()].flatMap((ids) => [...ids])).size, keys.length);
  });
});

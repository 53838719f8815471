import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startPostgres, type PostgresServer } from '../database/postgres-server.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

/** Everything is bought once and the run ends well, whatever happens to the database meanwhile. */
async function assertUnharmed(under: StackUnderTest, id: string): Promise<void> {
  const video = await under.finished(id);
  assert.equal(video.status, 'success', JSON.stringify(video.degradations));
  assert.ok(video.cost.lines.every(({ attempt, state }) => attempt === 1 && state === 'bought'));
  await assertHonestAccount(under, video.cost);
  await assertAtRest(under, id, 'COMPLETED');
}

describe('the embedded database of a stack, killed with kill -9', () => {
  let under: StackUnderTest;
  before(async () => (under = await StackUnderTest.start()));
  after(() => under?.stop());

  it('while pictures are in flight comes back, and they are paid for once', async () => {
    await under.sandbox.reset([{ route: 'image', fault: { delayMs: 1500 } }]);
    const id = await under.order();
    await until('a picture is in flight', async () => (await under.sandbox.arrived('image')).length > 0);
    process.kill(under.stack.pid('database') as number, 'SIGKILL');
    await assertUnharmed(under, id);
    assert.equal(under.stack.restarts('database'), 1);
  });
});

describe('a stack on PostgreSQL', () => {
  let server: PostgresServer;
  let under: StackUnderTest;
  before(async () => {
    server = await startPostgres();
    under = await StackUnderTest.start({ DATABASE_URL: await server.createDatabase() });
  });
  after(async () => {
    await under?.stop();
    await server?.stop();
  });

  it('starts no database of its own, and shares the other one among its workers', async () => {
    assert.equal(under.stack.pid('database'), null);
    await under.program('src/workers/main.js', {});
    await under.sandbox.reset();
    await assertUnharmed(under, await under.order({ duration: 10 }));
  });

  it('rides out a crash of the server', async () => {
    assert.ok(server.own, 'this test breaks its server: run it without TEST_DATABASE_URL');
    await under.sandbox.reset([{ route: 'image', fault: { delayMs: 1500 } }]);
    const id = await under.order();
    await until('a picture is in flight', async () => (await under.sandbox.arrived('image')).length > 0);
    await server.own.crash();
    await until('its answer is there, and cannot be written', async () => {
      return (await under.sandbox.billed('image')).length > 0;
    });
    await server.own.start();
    await assertUnharmed(under, id);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RedisBell } from '../../src/read-model/bell.ts';
import { until } from '../until.ts';
import { RedisServer } from './redis-server.ts';
import { onABusyMachine } from '../on-a-busy-machine.ts';

describe('the bell over Redis', () => {
  let redis: RedisServer;
  const bells: RedisBell[] = [];
  before(async () => void (redis = await RedisServer.start()), { timeout: 300_000 });
  after(async () => {
    for (const bell of bells) bell.close();
    await redis.stop();
  });

  function bell() {
    const faults: string[] = [];
    const made = new RedisBell(redis.url, (code) => faults.push(code));
    bells.push(made);
    const heard = { count: 0 };
    made.onRing(() => heard.count++);
    return { bell: made, heard, faults };
  }
  /** Rung until the other hears it: a subscription takes a moment. */
  const reaches = (from: RedisBell, to: { count: number }, what: string) => {
    const before = to.count;
    return until(what, () => {
      from.ring();
      return to.count > before;
    });
  };

  it('is heard by other processes; with Redis gone in its own, and again by the others when it is back', async () => {
    const [here, there] = [bell(), bell()];
    await reaches(here.bell, there.heard, 'heard on the other side');

    await redis.kill();
    await until('the loss is noticed', () => here.faults.length > 0 && there.faults.length > 0);
    const [own, others] = [here.heard.count, there.heard.count];
    here.bell.ring();
    assert.deepEqual([here.heard.count, there.heard.count], [own + 1, others]);

    await redis.restart();
    await reaches(here.bell, there.heard, 'heard again');
    assert.ok(here.faults.length <= 2, `told of each loss once: ${here.faults.join(' ')}`);
  });

  it('never waits for a Redis that stands still', async () => {
    const { bell: slow, heard } = bell();
    await reaches(slow, heard, 'rung');
    redis.signal('SIGSTOP');
    const startedAt = performance.now();
    for (let n = 0; n < 1000; n++) slow.ring();
    const took = performance.now() - startedAt;
    redis.signal('SIGCONT');
    assert.ok(took < onABusyMachine(500), `${took} ms for 1000 rings`);
  });
});

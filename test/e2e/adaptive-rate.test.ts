import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readQueueRate } from '../../src/temporal/queue-rate.ts';
import { configFolder } from './config-folder.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from './until.ts';

const PERMITTED_PER_SECOND = 1;
const FILMS = 6;
const ENOUGH = { code: 'ModelAccountRpmRateLimitExceeded' };

describe('a provider that takes only so many calls a second', () => {
  const config = configFolder({ rate: { quiet_seconds: 10 } });
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start({ CONFIG_DIR: config.path, LOG_LEVEL: 'info' })));
  after(async () => {
    await under.stop();
    config.remove();
  });

  const limit = async () => (await readQueueRate(under.client, 'visual_processing')).perSecond;

  it('is asked about as often, by all films together, and every film is made', async () => {
    assert.equal(await limit(), null);
    await under.sandbox.reset([{ route: 'image', permittedPerSecond: PERMITTED_PER_SECOND, fault: ENOUGH }]);
    const ids = await Promise.all(Array.from({ length: FILMS }, () => under.order({ duration: 15 })));
    await until('the queue is held back', async () => (await limit()) !== null);

    const stop = setInterval(() => void limit().then((l) => console.log('limit', Date.now() % 1000000, l)), 1000);
    const videos = await Promise.all(ids.map((id) => under.finished(id, 170_000)));
    clearInterval(stop);
    const calls = (await under.sandbox.arrived('image')).map(({ at, outcome }) => ({ at: Date.parse(at), outcome }));
    const bought = (await under.sandbox.billed('image')).length;
    const [first, last] = [calls[0]!.at, calls.at(-1)!.at];
    const late = calls.filter(({ at }) => at > first + 10_000);
    const lateRate = late.length / ((last - first - 10_000) / 1000);
    const refused = calls.filter(({ outcome }) => outcome.startsWith('fault')).length;
    console.log({ seconds: (last - first) / 1000, calls: calls.length, bought, refused, lateRate });
    console.log(
      Array.from(
        { length: Math.ceil((last - first) / 1000) },
        (_, s) => calls.filter(({ at }) => at >= first + s * 1000 && at < first + (s + 1) * 1000).length,
      ).join(' '),
    );
    for (const video of videos) assert.deepEqual([video.status, video.degradations], ['success', []]);
    assert.ok(lateRate <= PERMITTED_PER_SECOND * 1.3, `${lateRate} calls a second`);

    await under.sandbox.reset();
    await until('the limit is lifted again', async () => (await limit()) === null, { withinMs: 90_000 });
  });
});

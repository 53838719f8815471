import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readQueueRate } from '../../src/temporal/queue-rate.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

const PERMITTED_PER_SECOND = 1;
const FILMS = 6;
/** The first calls tell what is permitted. */
const SETTLED_AFTER_MS = 10_000;
const ENOUGH = { code: 'ModelAccountRpmRateLimitExceeded' };

describe('a provider that takes only so many calls a second', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start({}, { rate: { quiet_seconds: 10 } })));
  after(() => under.stop());

  const limit = async () => (await readQueueRate(under.client, 'visual_processing')).perSecond;

  it('is asked about as often, by all films together, and every film is made', async () => {
    assert.equal(await limit(), null);
    await under.sandbox.reset([{ route: 'image', permittedPerSecond: PERMITTED_PER_SECOND, fault: ENOUGH }]);
    const ids = await Promise.all(Array.from({ length: FILMS }, () => under.order({ duration: 15 })));
    await until('the queue is held back', async () => (await limit()) !== null);

    const videos = await Promise.all(ids.map((id) => under.finished(id)));
    // Three refusals are a picture's end: in the first moments of the storm, before it is known, that may be one or two.
    const lost = videos.flatMap(({ degradations }) => degradations);
    assert.ok(lost.length <= 2 && lost.every(({ why }) => why === 'rate_limit'), JSON.stringify(lost));
    const scenes = videos.flatMap(({ cost }) => cost.lines.filter(({ purpose }) => purpose === 'still'));
    assert.equal((await under.sandbox.billed('image')).length, scenes.length, 'each picture is bought once');

    const calls = (await under.sandbox.arrived('image')).map(({ at }) => Date.parse(at));
    const [first, last] = [calls[0] ?? 0, calls.at(-1) ?? 0];
    const settled = calls.filter((at) => at > first + SETTLED_AFTER_MS).length;
    const perSecond = settled / ((last - first - SETTLED_AFTER_MS) / 1000);
    assert.ok(perSecond <= PERMITTED_PER_SECOND * 1.1, `${perSecond} calls a second`);

    await under.sandbox.reset();
    await until('the limit is lifted again', async () => (await limit()) === null);
  });
});

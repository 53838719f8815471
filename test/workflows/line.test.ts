import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { GenerateVideoInput } from '../../src/domain/generate-video.ts';
import { until } from '../until.ts';
import { startWorkflows, type RunUnderTest, type Workflows } from './workflows-under-test.ts';

/** What is in line is known to be after three seconds. */
const SYNC_SECONDS = 5;

const silent = ({ spec, policy }: GenerateVideoInput): void => {
  spec.enableTts = false;
  policy.sync.timeoutSeconds = SYNC_SECONDS;
};

/** Beside the film itself. */
const lost = async (run: RunUnderTest): Promise<string[]> =>
  (await run.result()).degradations.map(({ sceneId, what, why }) => `${sceneId} ${what} ${why}`);

/** Waits until so many of its calls are wanted. */
async function standInLine(run: RunUnderTest, calls: number): Promise<void> {
  const branch = () =>
    run
      .branch('visual')
      .describe()
      .catch(() => null);
  await until(`${calls} calls stand in line`, async () => (await branch())?.raw.pendingActivities?.length === calls);
}

/** In ms since 1970. */
async function lastCallBegun(run: RunUnderTest): Promise<number> {
  const { events } = await run.branch('visual').fetchHistory();
  const begun = (events ?? []).filter((event) => event.activityTaskStartedEventAttributes != null);
  return Math.max(...begun.map(({ eventTime }) => Number(eventTime?.seconds) * 1000 + (eventTime?.nanos ?? 0) / 1e6));
}

describe('among many, a film', () => {
  let workflows: Workflows;
  before(async () => {
    workflows = await startWorkflows({ slots: { visual_processing: 2 }, unserved: ['audio_processing'] });
  });
  after(() => workflows.stop());

  /** Has both slots until it is let go of. */
  async function anotherFilm(): Promise<RunUnderTest> {
    const other = await workflows.start({ stills: { s1: 'late', s2: 'late' } }, ({ spec }) => (spec.enableTts = false));
    await until('all slots are taken', () => other.mostStillsAtOnce() === 2);
    return other;
  }

  async function looks(run: RunUnderTest, times: number): Promise<void> {
    await until(`it has looked ${times} times whether it is in line`, () => looksOf(run) >= times);
  }
  const looksOf = (run: RunUnderTest): number => run.calls().filter((name) => name === 'lookAtLine').length;

  it('that stands in line behind another is not late at the sync point, however long that takes', async () => {
    const other = await anotherFilm();
    const run = await workflows.start({}, silent);
    await looks(run, 2);
    await other.handle.cancel();
    assert.deepEqual(await lost(run), []);
  });

  it('that has stood in line has its time from then on, and no more', async () => {
    const other = await anotherFilm();
    const run = await workflows.start({ stills: { s2: 'late' } }, silent);
    await looks(run, 1);
    await other.handle.cancel();
    assert.deepEqual(await lost(run), ['s2 picture sync_timeout']);
  });

  it('that has something already goes before those that have nothing yet', async () => {
    const other = await anotherFilm();
    const first = await workflows.start({ scenes: 4 }, (input) => {
      input.spec.enableTts = false;
      input.policy.visual.maxConcurrentTasks = 1;
    });
    await standInLine(first, 1);
    const ids = Array.from({ length: 20 }, (_, index) => `s${index + 1}`);
    const slowly = Object.fromEntries(ids.map((id) => [id, 'slowly' as const]));
    const second = await workflows.start({ scenes: ids.length, stills: slowly }, (input) => {
      input.spec.enableTts = false;
      input.policy.visual.maxConcurrentTasks = ids.length;
    });
    await standInLine(second, ids.length);
    await other.handle.cancel();
    await Promise.all([first.result(), second.result()]);
    // By turns, it would have waited for all of the other's before its second.
    const [last, lastOfOther] = [await lastCallBegun(first), await lastCallBegun(second)];
    assert.ok(last < lastOfOther, `${last} ${lastOfOther}`);
  });

  it('that nobody works for is late', async () => {
    const run = await workflows.start({}, ({ policy }) => (policy.sync.timeoutSeconds = SYNC_SECONDS));
    assert.deepEqual(await lost(run), ['s1 narration sync_timeout', 's2 narration sync_timeout']);
    assert.equal(looksOf(run), 1);
  });
});

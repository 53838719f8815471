import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type RunUnderTest, startWorkflows, type Workflows } from './workflows-under-test.ts';

describe('glue', { concurrency: true }, () => {
  let workflows: Workflows;
  before(async () => void (workflows = await startWorkflows()));
  after(() => workflows.stop());

  /** Those that Temporal shows as activities. */
  const apart = async (run: RunUnderTest): Promise<string[]> => {
    const { events = [] } = await run.handle.fetchHistory();
    const named = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
    return named.filter((name) => name != null && GLUE.includes(name)).sort() as string[];
  };

  it('is done within the workflow’s own tasks', async () => {
    const run = await workflows.start({});
    assert.equal((await run.result()).status, 'success');
    assert.deepEqual(await apart(run), []);
    for (const name of ALWAYS) assert.ok(run.calls().includes(name), name);
  });

  it('is an activity like any other where it does not succeed there', async () => {
    const run = await workflows.start({ withinTask: 'refused' });
    assert.equal((await run.result()).status, 'success');
    const shown = await apart(run);
    for (const name of ALWAYS) assert.ok(shown.includes(name), name);
  });

  it('holds no task for longer than one may take', async () => {
    const run = await workflows.start({ withinTask: 'silent' });
    assert.equal((await run.result()).status, 'success');
    const { events } = await run.handle.fetchHistory();
    const history = events ?? [];
    assert.ok(history.every((event) => event.workflowTaskTimedOutEventAttributes == null));
    // A worker that needs more time than a task has asks for another task, with nothing to tell in between.
    const prolonged = history.filter(
      (event, at) =>
        event.workflowTaskCompletedEventAttributes != null &&
        history[at + 1]?.workflowTaskScheduledEventAttributes != null,
    );
    assert.deepEqual(prolonged, []);
    assert.ok((await apart(run)).includes('layOutFilm'));
  });
});

const ALWAYS = ['layOutFilm', 'closeLedger', 'discardWork'];
/** The film is frozen only where its pictures are later than its narration. */
const GLUE = ['freezeFilm', ...ALWAYS];

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { restoring } from './restoring.ts';
import { StackUnderTest } from './stack-under-test.ts';

const MOST_EVENTS = 400;
const MOST_BYTES = 256 * 1024;

describe('the histories of a film of five scenes', () => {
  let under: StackUnderTest;
  before(async () => void (under = await StackUnderTest.start()));
  after(() => under.stop());

  /** Of the present run and its branches; those that it does not have are left out. */
  async function assertSmall(id: string, roles: string[]): Promise<void> {
    const runs = Object.entries(await under.runs(id)).flatMap(([role, run]) => (run === null ? [] : [{ role, run }]));
    assert.deepEqual(
      runs.map(({ role }) => role),
      roles,
    );
    const sizes = runs.map(({ role, run }) => ({
      role,
      events: run.historyLength,
      bytes: run.historySize ?? Infinity,
    }));
    const told = JSON.stringify(sizes);
    for (const { bytes } of sizes) assert.ok(bytes > 1_000 && bytes <= MOST_BYTES, told);
    assert.ok(sizes.reduce((sum, { events }) => sum + events, 0) <= MOST_EVENTS, told);
  }

  it('stay small, all three together, also when it is made anew from a checkpoint', async () => {
    await under.sandbox.reset();
    const id = await under.order({ duration: 25, resolution: '360p' });
    const film = await under.finished(id);
    assert.deepEqual([film.status, film.quality.scenes.length], ['success', 5]);
    assert.ok(film.draft_id !== null && film.quality.scenes.every(({ narration }) => narration === 'spoken'));
    await assertSmall(id, ['video', 'audio', 'visual']);

    await restoring(under).restored(id, 'after_script');
    await under.finished(id);
    await assertSmall(id, ['video', 'audio', 'visual']);
  });
});

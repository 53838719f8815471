import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SharedQuestions } from '../../src/activities/shared-questions.ts';

describe('questions that several ask', () => {
  /** Each question is answered with its number, when the test says so. */
  function asking() {
    const questions = new SharedQuestions<number>();
    const open: ((failure?: Error) => void)[] = [];
    const ask = (key: string) =>
      questions.ask(key, () => {
        const nth = open.length + 1;
        return new Promise((resolve, reject) =>
          open.push((failure) => (failure === undefined ? resolve(nth) : reject(failure))),
        );
      });
    return { open, ask };
  }

  it('are one question for all who come while another is under way, begun after they came', async () => {
    const { open, ask } = asking();
    const first = ask('a');
    const later = [ask('a'), ask('a'), ask('a')];
    assert.equal(open.length, 1);
    open[0]!();
    assert.equal(await first, 1);
    await new Promise(setImmediate);
    assert.equal(open.length, 2, 'the first answer is older than they are');
    const third = ask('a');
    open[1]!();
    assert.deepEqual(await Promise.all(later), [2, 2, 2]);
    await new Promise(setImmediate);
    open[2]!();
    assert.equal(await third, 3);
    void ask('a');
    assert.equal(open.length, 4, 'nothing is remembered');
  });

  it('fail together, and not those that come after', async () => {
    const { open, ask } = asking();
    const first = ask('a');
    const second = ask('a');
    open[0]!(new Error('away'));
    await assert.rejects(first, /away/);
    await new Promise(setImmediate);
    open[1]!();
    assert.equal(await second, 2);
  });

  it('of different things do not wait for each other', () => {
    const { open, ask } = asking();
    void ask('a');
    void ask('b');
    assert.equal(open.length, 2);
  });
});

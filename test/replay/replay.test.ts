import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { bundleWorkflows } from '../../src/workers/bundle.ts';
import { telltalesIn, textsOf } from './redact.ts';
import { quietLogger, quietRuntime } from './quiet-runtime.ts';
import { replay, type Replayed } from './replay.ts';
import { readHistories, says, type HistoryEvent } from './saved-history.ts';
import { evidenceOf, SHAPES, type Shape } from './shapes.ts';

const histories = readHistories();
const named = (shape: string, role: string) =>
  histories.filter((history) => history.shape === shape && history.role === role);

describe('saved histories', () => {
  for (const shape of Object.keys(SHAPES) as Shape[]) {
    for (const [role, evidence] of evidenceOf(shape)) {
      it(`there is a ${shape} of ${role}, and it is one`, () => {
        const found = named(shape, role);
        assert.ok(found.length > 0, 'deleted, renamed, or never saved: see README.md');
        for (const { name, history } of found) {
          for (const word of evidence) assert.ok(says(history, word), `${name} has no ${word}`);
        }
      });
    }
  }

  it('are of known shapes only', () => {
    const known = Object.keys(SHAPES);
    assert.deepEqual(
      histories.filter(({ shape }) => !known.includes(shape)).map(({ name }) => name),
      [],
    );
  });

  it('tell nothing of the machine they were made on', () => {
    for (const { name, history } of histories) {
      assert.deepEqual(telltalesIn(history), [], name);
      assert.deepEqual([...new Set(identitiesIn(history.events))], ['worker'], name);
    }
  });

  it('are read in plain, or the check before this one would see nothing', () => {
    const [success] = named('success', 'video');
    assert.ok(textsOf(success?.history).some((text) => text.includes('"imagePrompt"')));
  });
});

describe('replay', () => {
  let bundle: string;
  let replayed: Replayed;
  before(async () => {
    quietRuntime();
    bundle = await bundleWorkflows(quietLogger);
    replayed = await replay(bundle, histories);
  });

  it('loads the SDK and code of ours, and no other package: each of a film’s three workflows would load it anew', () => {
    const modules = bundle.matchAll(/"\.\/node_modules\/((?:@[^/]+\/)?[^/"]+)/g);
    const packages = new Set(Array.from(modules, ([, name]) => name));
    assert.deepEqual([...packages].sort(), OF_THE_SDK);
  });

  for (const { name } of histories) {
    it(name, () => {
      assert.ok(replayed.has(name), 'it was not replayed');
      assert.ifError(replayed.get(name));
    });
  }
});

const OF_THE_SDK = ['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc'];

/** Who polled, started, signalled: in every event that says so. */
const identitiesIn = (events: HistoryEvent[]): string[] =>
  [...JSON.stringify(events).matchAll(/"identity":"([^"]*)"/g)].map(([, identity]) => identity ?? '');

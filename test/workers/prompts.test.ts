import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ConfigError, loadConfig } from '../../src/config.ts';
import { Database } from '../../src/database/database.ts';
import { createLog } from '../../src/log.ts';
import { createActivityDeps } from '../../src/workers/activity-deps.ts';
import { readPrompts } from '../../src/read-prompts.ts';

describe('prompt files', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'prompts-test-'));
    cpSync(loadConfig({}).configDir, dir, { recursive: true });
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFile(path.join(dir, 'prompts', name), text);

  function complaint(): string {
    try {
      readPrompts(dir);
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.message;
    }
    return assert.fail('the prompts were taken');
  }

  it('that come with the product are taken, and so is another wording', async () => {
    await write('storyboard.md', 'You write storyboards.\n');
    assert.equal(readPrompts(dir).storyboard.instructions, 'You write storyboards.\n');
  });

  for (const [what, name, text, told] of [
    ['is empty', 'storyboard.md', ' \n', /storyboard\.md: .*it is empty/],
    ['is far too long', 'rewrite.md', 'x'.repeat(30_000), /rewrite\.md: .*20000/],
    ['is not JSON', 'storyboard.schema.json', '{"type": "object",}', /storyboard\.schema\.json: it is not JSON/],
    ['is empty JSON', 'critique.schema.json', '', /critique\.schema\.json: it is not JSON/],
    ['asks for something else', 'rewrite.schema.json', '{"type": "object"}', /rewrite\.schema\.json: [^]*required/],
  ] as const) {
    it(`are refused when one ${what}`, async () => {
      await write(name, text);
      assert.match(complaint(), told);
    });
  }

  it('are told of all their faults at once', async () => {
    await rm(path.join(dir, 'prompts', 'storyboard.md'));
    await write('rewrite.md', '');
    assert.match(complaint(), /storyboard\.md: cannot be read \(ENOENT\)\n.*rewrite\.md/);
  });

  it('that are broken keep a worker from starting', async () => {
    await write('storyboard.schema.json', 'null');
    const config = loadConfig({ CONFIG_DIR: dir, DATA_DIR: dir, ARK_API_KEY: 'a-key', SPEECH_API_KEY: 'a-key' });
    const log = createLog({ level: 'silent', component: 'test' });
    const database = new Database({ kind: 'embedded', dataDir: dir }); // nobody asks it
    await assert.rejects(createActivityDeps(config, log, database), ConfigError);
  });
});

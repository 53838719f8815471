import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { Environment, loadConfig } from '../../src/config.ts';

const known = (z.toJSONSchema(Environment, { io: 'input' }).properties ?? {}) as Record<
  string,
  { description?: string; default?: unknown }
>;

describe('.env.example', async () => {
  const text = await readFile(new URL('../../.env.example', import.meta.url), 'utf8');
  const written = new Map(
    [...text.matchAll(/^# (.+)\n([A-Z0-9_]+)=(.*)$/gm)].map(([, comment, name, value]) => [name, { comment, value }]),
  );

  it('has every variable of the configuration, and no other', () => {
    assert.deepEqual([...written.keys()].sort(), Object.keys(known).sort());
    assert.equal(text.match(/^[A-Z0-9_]+=/gm)?.length, written.size);
  });

  it('says what each is for, with its default', () => {
    for (const [name, { description, default: value }] of Object.entries(known)) {
      assert.deepEqual(written.get(name), { comment: description, value: String(value ?? '') }, name);
    }
  });

  it('is a configuration that loads', () => {
    assert.ok(loadConfig(Object.fromEntries([...written].map(([name, { value }]) => [name, value]))));
  });
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';

import type { FaultRule } from '../../sandbox/faults.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { useSandbox, VOICE, type ArkError } from './harness.ts';
import { until } from '../until.ts';

describe('faults and the ledger', () => {
  const sandbox = useSandbox();
  beforeEach(() => sandbox.clear());

  const billed = async () => (await sandbox.ledger()).lines.length;
  const onChat = (fault: FaultRule['fault'], more: Partial<FaultRule> = {}) =>
    sandbox.faults([{ route: 'chat', ...more, fault }]);

  it('answers a code in Ark’s envelope with its own status, unbilled', async () => {
    await onChat({ code: 'ModelAccountRpmRateLimitExceeded', headers: { 'Retry-After': '7' } }, { count: 1 });
    const response = await sandbox.chat('x');
    const { error } = (await response.json()) as ArkError;
    assert.deepEqual(
      [response.status, error.code, error.type],
      [429, 'ModelAccountRpmRateLimitExceeded', 'TooManyRequests'],
    );
    assert.equal(response.headers.get('retry-after'), '7');
    assert.equal(await billed(), 0);
    assert.equal((await sandbox.chat('x')).status, 200);
    assert.equal(await billed(), 1);
  });

  it('answers speech codes in the form of each speech API', async () => {
    await sandbox.faults([
      { route: 'speech', fault: { code: 45000000, message: 'quota exceeded for types: concurrency' } },
    ]);
    const headers = { 'x-api-key': 'k', 'x-api-resource-id': 'seed-tts-1.0' };
    const params = { text: '你好', speaker: VOICE, audio_params: { format: 'pcm' } };
    const v3 = await sandbox.post('/api/v3/tts/unidirectional', { req_params: params }, headers);
    assert.deepEqual([v3.status, ((await v3.json()) as { code: number }).code], [200, 45_000_000]);
    await sandbox.faults([{ route: 'speech', fault: { code: 3003 } }]);
    const body = {
      app: { appid: '1', token: 't', cluster: 'volcano_tts' },
      user: { uid: 'u' },
      audio: { voice_type: VOICE },
      request: { reqid: randomUUID(), text: '你好', operation: 'query' },
    };
    const v1 = await sandbox.post('/api/v1/tts', body, { authorization: 'Bearer;t' });
    const answer = (await v1.json()) as { code: number; reqid: string; message: string };
    assert.deepEqual([answer.code, answer.reqid], [3003, body.request.reqid]);
    assert.equal(await billed(), 0);
  });

  it('answers a bare status, a given body, garbage and a wrong type', async () => {
    await onChat({ status: 502 });
    const bare = await sandbox.chat('x');
    assert.deepEqual([bare.status, (await bare.text()).includes('{')], [502, false]);
    await onChat({ body: '<html>', contentType: 'text/html' });
    const html = await sandbox.chat('x');
    assert.deepEqual([html.status, html.headers.get('content-type'), await html.text()], [200, 'text/html', '<html>']);
    await onChat({ garbage: true });
    await assert.rejects((await sandbox.chat('x')).json());
    assert.equal(await billed(), 0);
    await onChat({ contentType: 'image/png' });
    const typed = await sandbox.chat('x');
    assert.equal(typed.headers.get('content-type'), 'image/png');
    assert.ok(await typed.json());
    assert.equal(await billed(), 1);
  });

  it('bills a failure when the script says so', async () => {
    await onChat({ status: 500, billed: true });
    assert.equal((await sandbox.chat('x')).status, 500);
    assert.equal(await billed(), 1);
  });

  it('cuts a real answer after n bytes, and bills it', async () => {
    await onChat({ cutAfterBytes: 40 });
    const response = await sandbox.chat('x');
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
    await sandbox.faults([{ route: 'image', fault: { cutAfterBytes: 0 } }]);
    await assert.rejects(async () => (await sandbox.image('x')).text());
    await sandbox.faults([{ route: 'chat', fault: { cutAfterBytes: 300 } }]);
    await assert.rejects(async () => (await sandbox.chat('x', { stream: true })).text());
    assert.equal(await billed(), 3);
  });

  it('closes without an answer, before the work or after the bill', async () => {
    await onChat({ noAnswer: 'before' });
    await assert.rejects(sandbox.chat('x'));
    assert.equal(await billed(), 0);
    await onChat({ noAnswer: 'after' });
    await assert.rejects(sandbox.chat('x'));
    assert.equal(await billed(), 1);
  });

  it('hangs until the client goes, and delays', async () => {
    await onChat({ hang: true });
    await assert.rejects(sandbox.chat('x', {}, {}, AbortSignal.timeout(200)));
    await onChat({ delayMs: 300 });
    const began = Date.now();
    assert.equal((await sandbox.chat('x')).status, 200);
    assert.ok(Date.now() - began >= 290);
    assert.equal(await billed(), 1);
  });

  it('strikes downloads and single calls: nth, from, count, match', async () => {
    const { data } = (await (await sandbox.image('树')).json()) as { data: { url: string }[] };
    await sandbox.faults([
      { route: 'download', nth: 2, fault: { code: 'AccessDenied', status: 403, message: 'Request has expired' } },
      { route: 'chat', match: 'wolf', fault: { status: 503 } },
      { route: '*', nth: [3, 5], fault: { status: 504 } },
    ]);
    const download = async () => (await fetch(data[0]?.url ?? '')).status;
    assert.deepEqual([await download(), await download()], [200, 403]);
    assert.equal((await sandbox.chat('sheep')).status, 504);
    assert.equal((await sandbox.chat('a wolf')).status, 503);
    assert.equal((await sandbox.chat('sheep')).status, 504);
    await onChat({ status: 503 }, { from: 2, count: 2 });
    const statuses = [];
    for (let call = 0; call < 4; call += 1) statuses.push((await sandbox.chat('x')).status);
    assert.deepEqual(statuses, [200, 503, 503, 200]);
  });

  it('strikes a seeded share', async () => {
    const run = async () => {
      await onChat({ status: 503 }, { share: 0.5 });
      const statuses = [];
      for (let call = 0; call < 20; call += 1) statuses.push((await sandbox.chat('x')).status);
      return statuses;
    };
    const first = await run();
    assert.deepEqual(first, await run());
    assert.ok(first.includes(200) && first.includes(503));
  });

  it('lets so many calls a second through, and refuses the others', async () => {
    await onChat({ code: 'ModelAccountRpmRateLimitExceeded' }, { permittedPerSecond: 3 });
    const startedAt = performance.now();
    const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await sandbox.chat('x')).status));
    const filledSince = ((performance.now() - startedAt) / 1000) * 3;
    const through = statuses.filter((status) => status === 200).length;
    assert.ok(through >= 3 && through <= 3 + Math.ceil(filledSince), `${through} of 8`);
    assert.equal(statuses.filter((status) => status === 429).length, 8 - through);
    let status = 429;
    while (status !== 200) status = (await sandbox.chat('x')).status;
  });

  it('leaves the service’s own checks first', async () => {
    await onChat({ status: 503 });
    assert.equal((await sandbox.chat('x', {}, { authorization: 'Bearer invalid-key' })).status, 401);
  });

  it('refuses a bad script and keeps the old one', async () => {
    await onChat({ status: 503 });
    for (const body of [
      'nonsense',
      '{"route":"chat"}',
      '[{"route":"chat","fault":{"statsu":1}}]',
      '[{"route":"tea","fault":{}}]',
    ]) {
      const response = await fetch(`${sandbox.url}/__sandbox/faults`, { method: 'PUT', body });
      assert.equal(response.status, 400);
      assert.ok(((await response.json()) as { error: string }).error);
    }
    assert.equal((await sandbox.chat('x')).status, 503);
    const { rules } = (await (await fetch(`${sandbox.url}/__sandbox/faults`)).json()) as {
      rules: { struck: number }[];
    };
    assert.equal(rules[0]?.struck, 1);
  });

  it('bills what was made for a client that has gone', async () => {
    const slow = await startSandbox({ delayScale: 0 });
    const ledger = async () =>
      (await (await fetch(`${slow.url}/__sandbox/ledger`)).json()) as {
        lines: { client_gone: boolean }[];
        arrived: unknown[];
      };
    const slowly = [{ route: 'image', fault: { delayMs: 1_000 } }];
    await fetch(`${slow.url}/__sandbox/faults`, { method: 'PUT', body: JSON.stringify(slowly) });
    const client = new AbortController();
    const call = fetch(`${slow.url}/api/v3/images/generations`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: JSON.stringify({ model: 'ep-1', prompt: 'x', size: '1024x1024' }),
      signal: client.signal,
    });
    await until('the call has arrived', async () => (await ledger()).arrived.length === 1);
    client.abort();
    await assert.rejects(call);
    await until('it is billed', async () => (await ledger()).lines.length === 1);
    const { lines } = await ledger();
    await slow.close();
    assert.deepEqual(
      lines.map((line) => line.client_gone),
      [true],
    );
  });

  it('lets go, when told to, what a delay holds back', async () => {
    await onChat({ delayMs: 3_600_000 });
    const call = sandbox.chat('held back');
    await until('the call has arrived', async () => (await sandbox.ledger()).arrived.length === 1);
    assert.equal((await fetch(`${sandbox.url}/__sandbox/delays`, { method: 'DELETE' })).status, 204);
    assert.equal((await call).status, 200);
  });

  it('writes the ledger to a file and goes on with it after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-ledger-'));
    const ledgerPath = join(folder, 'ledger.jsonl');
    for (const expected of [1, 2]) {
      const one = await startSandbox({ delayScale: 0, ledgerPath });
      await fetch(`${one.url}/api/v3/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer k' },
        body: JSON.stringify({ model: 'ep-1', messages: [{ role: 'user', content: 'hi' }] }),
      });
      await one.close();
      const lines = readFileSync(ledgerPath, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { n: number; kind: string; units: number });
      assert.deepEqual(lines.map((line) => line.n).at(-1), expected);
      assert.ok(lines.every((line) => line.kind === 'chat' && line.units > 0));
    }
    rmSync(folder, { recursive: true });
  });

  it('tells every arrival and its outcome', async () => {
    await sandbox.chat('x');
    await sandbox.chat('x', {}, { authorization: '' });
    await onChat({ status: 503 });
    await sandbox.chat('x');
    const { arrived } = await sandbox.ledger();
    assert.deepEqual(
      arrived.map(({ outcome }) => outcome),
      ['answered 200', 'refused 401 AuthenticationError', 'fault status'],
    );
  });
});

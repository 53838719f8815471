import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { CHAT_MODEL, IMAGE_MODEL, useSandbox, type ArkError } from './harness.ts';

const REQUEST_ID = /Request id: 02\d{13}[0-9a-f]{38}$/;

describe('Ark chat', () => {
  const sandbox = useSandbox();

  const refused = async (response: Response) => {
    const { error } = (await response.json()) as ArkError;
    assert.match(error.message, REQUEST_ID);
    return { status: response.status, code: error.code, param: error.param, type: error.type };
  };

  it('answers in the documented form, with request ids', async () => {
    const response = await sandbox.chat('hello', {}, { 'x-client-request-id': '20261121000000abcdefghij0123456789' });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('x-request-id') ?? '', /^02\d{13}[0-9a-f]{38}$/);
    assert.equal(response.headers.get('x-client-request-id'), '20261121000000abcdefghij0123456789');
    const body = (await response.json()) as {
      object: string;
      choices: { finish_reason: string; message: { content: string; reasoning_content?: string } }[];
      usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
    };
    assert.equal(body.object, 'chat.completion');
    assert.equal(body.choices[0]?.finish_reason, 'stop');
    assert.equal(body.choices[0]?.message.reasoning_content, undefined);
    assert.equal(body.usage.total_tokens, body.usage.prompt_tokens + body.usage.completion_tokens);
  });

  it('checks key, model, account, parameters, in this order', async () => {
    const bad = { model: 'doubao-seed-2-0-lite', messages: 7 };
    const path = '/api/v3/chat/completions';
    const noKey = await refused(await sandbox.post(path, bad, { authorization: 'Bearer invalid-key' }));
    assert.deepEqual(noKey, { status: 401, code: 'AuthenticationError', param: '', type: 'Unauthorized' });
    const noModel = await refused(await sandbox.post(path, bad, { authorization: 'Bearer overdue-key' }));
    assert.deepEqual(
      [noModel.status, noModel.code, noModel.type],
      [404, 'InvalidEndpointOrModel.NotFound', 'NotFound'],
    );
    const overdue = await refused(
      await sandbox.post(path, { ...bad, model: CHAT_MODEL }, { authorization: 'Bearer overdue-key' }),
    );
    assert.deepEqual([overdue.status, overdue.code, overdue.type], [403, 'AccountOverdueError', 'Forbidden']);
    const badParam = await refused(await sandbox.post(path, { ...bad, model: CHAT_MODEL }));
    assert.deepEqual(badParam, { status: 400, code: 'InvalidParameter', param: 'messages', type: 'BadRequest' });
  });

  it('knows endpoint ids, and no image model here', async () => {
    assert.equal((await sandbox.chat('hi', { model: 'ep-20260416234150-zsd4v' })).status, 200);
    assert.equal((await sandbox.chat('hi', { model: IMAGE_MODEL })).status, 404);
  });

  for (const [name, more, code, param] of [
    ['no messages', { messages: undefined }, 'MissingParameter', 'messages'],
    [
      'an unknown role',
      { messages: [{ role: 'narrator', content: 'x' }] },
      'InvalidArgumentError.UnknownRole',
      'messages.0.role',
    ],
    ['thinking "auto"', { thinking: { type: 'auto' } }, 'InvalidParameter', 'thinking.type'],
    ['a graded effort without thinking', { reasoning_effort: 'high' }, 'InvalidParameter', 'reasoning_effort'],
    [
      'an effort the model lacks',
      { model: 'doubao-seed-1-6-251015', reasoning_effort: 'max' },
      'InvalidParameter',
      'reasoning_effort',
    ],
    ['too hot', { temperature: 3 }, 'InvalidParameter', 'temperature'],
    ['both token limits', { max_tokens: 9, max_completion_tokens: 9 }, 'InvalidParameter', 'max_tokens'],
    [
      'JSON from a model without it',
      { model: 'doubao-seed-2-0-code-preview-260215', response_format: { type: 'json_object' } },
      'InvalidParameter',
      'response_format.type',
    ],
    [
      'a schema without a name',
      { response_format: { type: 'json_schema', json_schema: { schema: {} } } },
      'MissingParameter',
      'response_format.json_schema.name',
    ],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const answer = await refused(await sandbox.chat('hi', more));
      assert.deepEqual([answer.status, answer.code, answer.param], [400, code, param]);
    });
  }

  it('refuses a body that is no JSON, and unknown paths, in the envelope', async () => {
    assert.equal((await refused(await sandbox.post('/api/v3/chat/completions', '{"model"'))).code, 'InvalidParameter');
    assert.equal((await refused(await sandbox.post('/api/v3/files', {}))).status, 404);
  });

  it('thinks by default, and stops at max_tokens', async () => {
    const response = await sandbox.chat('theme: 介绍我们的新款智能手表', {
      thinking: undefined,
      max_tokens: 20,
      response_format: { type: 'json_object' },
    });
    const body = (await response.json()) as {
      choices: { finish_reason: string; message: { reasoning_content: string } }[];
      usage: { completion_tokens_details: { reasoning_tokens: number } };
    };
    assert.equal(body.choices[0]?.finish_reason, 'length');
    assert.ok(body.choices[0]?.message.reasoning_content);
    assert.ok(body.usage.completion_tokens_details.reasoning_tokens > 0);
  });

  it('streams chunks that make the same text, with usage at the end', async () => {
    const asked = 'theme: 秋天的第一杯奶茶\nscenes: 3';
    const form = { response_format: { type: 'json_object' } };
    const whole = (await (await sandbox.chat(asked, form)).json()) as { choices: { message: { content: string } }[] };
    const response = await sandbox.chat(asked, { ...form, stream: true, stream_options: { include_usage: true } });
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    const frames = (await response.text())
      .trim()
      .split('\n\n')
      .map((frame) => frame.replace(/^data: /, ''));
    assert.equal(frames.pop(), '[DONE]');
    const chunks = frames.map(
      (frame) =>
        JSON.parse(frame) as { object: string; choices: { delta: { content: string } }[]; usage: object | null },
    );
    assert.ok(chunks.every((chunk) => chunk.object === 'chat.completion.chunk'));
    assert.equal(
      chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''),
      whole.choices[0]?.message.content,
    );
    assert.ok(chunks.at(-1)?.usage && chunks.at(-1)?.choices.length === 0);
  });
});

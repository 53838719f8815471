import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import OpenAI from 'openai';
import sharp from 'sharp';

import { CHAT_MODEL, EMBEDDING_MODEL, IMAGE_MODEL, useSandbox } from './harness.ts';

/** Another's client: so that ours and the sandbox cannot agree on a wrong wire. */
describe('the openai package', () => {
  const sandbox = useSandbox();
  const client = (apiKey = 'k') => new OpenAI({ apiKey, baseURL: `${sandbox.url}/api/v3`, maxRetries: 0 });

  it('chats with a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: { title: { type: 'string' } },
      required: ['title'],
      additionalProperties: false,
    };
    const completion = await client().chat.completions.create({
      model: CHAT_MODEL,
      messages: [{ role: 'user', content: 'theme: 海边的日出' }],
      response_format: { type: 'json_schema', json_schema: { name: 's', strict: true, schema } },
    });
    const { title } = JSON.parse(completion.choices[0]?.message.content ?? '') as { title: string };
    assert.match(title, /海边的日出/);
    assert.ok((completion.usage?.total_tokens ?? 0) > 0);
  });

  it('streams', async () => {
    const stream = await client().chat.completions.create({
      model: CHAT_MODEL,
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let tokens = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.total_tokens ?? tokens;
    }
    assert.ok(text.length > 0 && tokens > 0);
  });

  it('makes pictures', async () => {
    const answer = await client().images.generate({
      model: IMAGE_MODEL,
      prompt: '一只猫',
      size: '1024x1024',
      response_format: 'b64_json',
    });
    const { width, height } = await sharp(Buffer.from(answer.data?.[0]?.b64_json ?? '', 'base64')).metadata();
    assert.deepEqual([width, height], [1024, 1024]);
  });

  it('embeds texts, as numbers and in base64', async () => {
    const ask = (format: object) =>
      client().embeddings.create({ model: EMBEDDING_MODEL, input: ['一只橘猫', 'an orange cat'], ...format });
    const [plain, packed] = [await ask({ encoding_format: 'float' }), await ask({})];
    assert.deepEqual(
      plain.data.map(({ index, embedding }) => [index, embedding.length]),
      [
        [0, 2048],
        [1, 2048],
      ],
    );
    // Without a format of its own the package asks for base64, and reads it back.
    assert.deepEqual(packed.data[1]?.embedding, plain.data[1]?.embedding);
    assert.ok(plain.usage.prompt_tokens > 0 && plain.usage.total_tokens === plain.usage.prompt_tokens);
    await assert.rejects(ask({ encoding_format: 'float', dimensions: 1000 }), { status: 400, param: 'dimensions' });
  });

  it('understands the errors', async () => {
    await assert.rejects(client('invalid-key').models.list(), OpenAI.NotFoundError);
    const call = client('invalid-key').images.generate({ model: IMAGE_MODEL, prompt: 'x' });
    await assert.rejects(call, (error: unknown) => {
      assert.ok(error instanceof OpenAI.AuthenticationError);
      assert.deepEqual([error.code, error.type], ['AuthenticationError', 'Unauthorized']);
      assert.match(error.requestID ?? '', /^02/);
      return true;
    });
  });
});

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';

import { CHAT_MODEL, EMBEDDING_MODEL, useSandbox, VISION_EMBEDDING_MODEL, type ArkError } from './harness.ts';

const TEXT = '/api/v3/embeddings';
const MULTIMODAL = '/api/v3/embeddings/multimodal';

interface Answered {
  id: string;
  object: string;
  model: string;
  data: { object: string; index: number; embedding: number[] }[];
  usage: { prompt_tokens: number; total_tokens: number };
}
interface AnsweredTogether extends Omit<Answered, 'data'> {
  data: { object: string; embedding: number[] };
}

describe('Ark embeddings', () => {
  const sandbox = useSandbox();
  beforeEach(() => sandbox.clear());

  const ask = (path: string, body: object, headers?: Record<string, string>) =>
    sandbox.post(path, { model: path === TEXT ? EMBEDDING_MODEL : VISION_EMBEDDING_MODEL, ...body }, headers);
  const embed = async (input: unknown) => (await (await ask(TEXT, { input })).json()) as Answered;
  const refusal = async (path: string, body: object, headers?: Record<string, string>) => {
    const response = await ask(path, body, headers);
    const { error } = (await response.json()) as ArkError;
    return [response.status, error.code, error.param];
  };
  const cosine = (one: readonly number[], other: readonly number[]) =>
    one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);

  it('gives each text a direction of its own, the same for ever', async () => {
    const { data, id, object, model } = await embed(['一只橘猫', '一列高铁']);
    assert.match(id, /^02/);
    assert.deepEqual([object, model], ['list', EMBEDDING_MODEL]);
    const [cat, train] = data.map(({ embedding }) => embedding) as [number[], number[]];
    assert.ok(Math.abs(Math.hypot(...cat) - 1) < 1e-5);
    assert.deepEqual((await embed('一只橘猫')).data[0]?.embedding, cat);
    assert.ok(cosine(cat, train) < 0.5);
  });

  it('makes one of all the parts together, in as many dimensions as asked for', async () => {
    const parts = ['一只橘猫', '在窗台上'].map((text) => ({ type: 'text', text }));
    for (const [dimensions, more] of [
      [2048, {}],
      [1024, { dimensions: 1024 }],
    ] as const) {
      const answer = (await (await ask(MULTIMODAL, { input: parts, ...more })).json()) as AnsweredTogether;
      assert.equal(answer.data.embedding.length, dimensions);
    }
  });

  it('bills the tokens of the text, once for a request', async () => {
    const { usage } = await embed(['一只橘猫', 'an orange cat']);
    const { lines } = await sandbox.ledger();
    assert.deepEqual(
      lines.map(({ kind, route, units }) => [kind, route, units]),
      [['embedding', TEXT, usage.total_tokens]],
    );
  });

  it('refuses what Ark refuses, in its order, unbilled', async () => {
    assert.deepEqual((await refusal(TEXT, {}, { authorization: '' }))[1], 'AuthenticationError');
    assert.deepEqual((await refusal(TEXT, { model: CHAT_MODEL, input: 'x' }))[0], 404);
    assert.deepEqual((await refusal(TEXT, { model: VISION_EMBEDDING_MODEL, input: 'x' }))[0], 404);
    assert.deepEqual(await refusal(TEXT, {}), [400, 'MissingParameter', 'input']);
    for (const input of ['', [], ['x', ''], [1], Array(257).fill('x'), 'x'.repeat(100_001)])
      assert.deepEqual(await refusal(TEXT, { input }), [400, 'InvalidParameter', 'input']);
    assert.deepEqual(await refusal(TEXT, { input: 'x', dimensions: 64 }), [400, 'InvalidParameter', 'dimensions']);
    assert.deepEqual(await refusal(MULTIMODAL, { input: 'x' }), [400, 'InvalidParameter', 'input']);
    const picture = [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }];
    assert.deepEqual((await refusal(MULTIMODAL, { input: picture }))[1], 'InvalidParameter.UnsupportedParameter');
    assert.deepEqual((await sandbox.ledger()).lines, []);
  });

  it('is struck by the fault script', async () => {
    await sandbox.faults([{ route: 'embedding', match: '橘猫', fault: { code: 'ModelAccountRpmRateLimitExceeded' } }]);
    assert.equal((await ask(TEXT, { input: '一只橘猫' })).status, 429);
    assert.equal((await ask(TEXT, { input: '一列高铁' })).status, 200);
  });
});

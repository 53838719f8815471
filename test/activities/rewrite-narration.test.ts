import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { spokenLength } from '../../src/domain/language.ts';
import { CHAT_MODEL, KEPT_MEDIA, useSandbox } from '../sandbox/harness.ts';
import { newVideoId, specOf, TENANT, useWorkshop } from './workshop.ts';

describe('rewriteNarration', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  const workshop = useWorkshop(sandbox);

  beforeEach(() => sandbox.clear());

  const LINES = [
    { sceneId: 's2', text: '把番茄种在阳光里，每天浇一次水，叶子就会慢慢舒展开来。', maxLength: 14 },
    { sceneId: 's3', text: '再过几个星期，枝头会挂满红红的果实，邻居也会来看。', maxLength: 12 },
  ];
  const inputOf = (change: { lines?: typeof LINES; maxCost?: number } = {}) => ({
    ...{ videoId: newVideoId(), tenant: TENANT, language: 'zh' },
    ...{ spec: specOf({ maxCost: change.maxCost ?? null }), lines: change.lines ?? LINES },
  });
  type Input = ReturnType<typeof inputOf>;
  const rewrite = (input: Input) => workshop.run(workshop.activities.rewriteNarration, input);

  const answers = (content: unknown) => ({
    billed: true,
    body: {
      ...{ id: 'x', model: CHAT_MODEL, usage: { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 } },
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: JSON.stringify(content) } }],
    },
  });

  it('gives every line back, as short as asked, for one call', async () => {
    const input = inputOf();
    const lines = await rewrite(input);
    assert.deepEqual(
      lines.map(({ sceneId }) => sceneId),
      ['s2', 's3'],
    );
    for (const [index, { text }] of lines.entries()) {
      const length = spokenLength(text, 'zh');
      assert.ok(length > 0 && length <= LINES[index]!.maxLength, text);
    }
    assert.deepEqual(await rewrite(input), lines);
    const account = (await workshop.account(input.videoId)).lines;
    assert.deepEqual(
      account.map(({ purpose, sceneId, state }) => [purpose, sceneId, state]),
      [['script_rewrite', null, 'bought']],
    );
  });

  it('shortens English by words', async () => {
    const text = 'Put the tomatoes in the sun, water them once a day, and the leaves will slowly open.';
    const [line] = await rewrite({ ...inputOf({ lines: [{ sceneId: 's1', text, maxLength: 10 }] }), language: 'en' });
    assert.ok(spokenLength(line?.text ?? '', 'en') <= 10, line?.text);
    assert.match(line?.text ?? '', /tomatoes|water|leaves/);
  });

  it('asks for nothing when there is nothing to shorten', async () => {
    assert.deepEqual(await rewrite(inputOf({ lines: [] })), []);
    assert.equal((await sandbox.ledger()).arrived.length, 0);
  });

  const S2 = { scene: 's2', text: '番茄要晒太阳。' };
  const S3 = { scene: 's3', text: '枝头挂满果实。' };
  for (const [what, lines] of [
    ['one is longer than asked', [S2, { ...S3, text: LINES[1]!.text }]],
    ['one is missing', [S2, { ...S3, scene: 's9' }]],
    ['one comes twice', [S2, S2]],
    ['one has nothing to speak', [S2, { ...S3, text: '……！' }]],
    ['one is in another language', [S2, { ...S3, text: 'Red tomatoes everywhere' }]],
    ['there are too few', [S2]],
  ] as const) {
    it(`gives none when ${what}, and is not bought again`, async () => {
      await sandbox.faults([{ route: 'chat', fault: answers({ lines }) }]);
      const input = inputOf();
      assert.deepEqual(await rewrite(input), []);
      assert.deepEqual(await rewrite(input), []);
      assert.equal((await workshop.billed('chat')).length, 1);
    });
  }

  it('takes lines without control characters, on one line', async () => {
    await sandbox.faults([
      { route: 'chat', fault: answers({ lines: [{ ...S2, text: '番茄要\n晒\u0007太阳。' }, S3] }) },
    ]);
    assert.deepEqual((await rewrite(inputOf()))[0], { sceneId: 's2', text: '番茄要 晒 太阳。' });
  });

  it('gives none, unpaid, when the budget is spent', async () => {
    const input = inputOf({ maxCost: 0.0001 });
    assert.deepEqual(await rewrite(input), []);
    assert.deepEqual((await workshop.account(input.videoId)).lines, []);
  });

  it('is tried again when the service is busy', async () => {
    await sandbox.faults([{ route: 'chat', nth: 1, fault: { status: 429 } }]);
    const input = inputOf();
    const { type, nonRetryable } = await workshop.failure(workshop.activities.rewriteNarration, input);
    assert.deepEqual([type, nonRetryable], ['rate_limit', false]);
    assert.equal((await rewrite(input)).length, 2);
  });
});

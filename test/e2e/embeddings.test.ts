import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { VISION_EMBEDDING_MODEL } from '../sandbox/harness.ts';
import { assertAtRest, assertHonestAccount } from './account.ts';
import { StackUnderTest } from './stack-under-test.ts';

describe('films whose pictures are found by bought embeddings', () => {
  let under: StackUnderTest;
  let earlier: string;
  before(async () => {
    under = await StackUnderTest.start({
      ...{ ARK_EMBEDDING_MODEL: VISION_EMBEDDING_MODEL, ARK_EMBEDDING_SIMILARITY: '0.4' },
      // The sandbox sells pictures over MCP too; embeddings have one way.
      SANDBOX_MCP: 'true',
    });
    earlier = await under.order();
  });
  after(() => under.stop());

  const embeddings = (lines: readonly { purpose: string; scene_id: string | null; state: string }[]) =>
    lines.filter(({ purpose }) => purpose === 'embedding').map(({ scene_id, state }) => `${scene_id} ${state}`);

  it('buy one a picture, told in the account as the far side bills it', async () => {
    const film = await under.finished(earlier);
    assert.deepEqual([film.status, film.degradations], ['success', []]);
    const scenes = film.quality.scenes.map(({ scene_id }) => `${scene_id} bought`);
    assert.deepEqual(embeddings(film.cost.lines).sort(), scenes);
    await assertHonestAccount(under, film.cost);
  });

  it('SANDBOX_MCP reaches the worker: the pictures are bought over the sandbox’s MCP server', async () => {
    const { cost } = await under.finished(earlier);
    const channels = cost.lines.map(({ purpose, channel }) => `${purpose} ${channel}`);
    assert.ok(channels.includes('still mcp_channel') && !channels.includes('still http_channel'), channels.join(', '));
    assert.ok(channels.includes('embedding http_channel') && !channels.includes('embedding mcp_channel'));
    const { arrived } = await under.sandbox.ledger();
    assert.deepEqual(new Set(arrived.filter(({ route }) => route === 'image').map(({ via }) => via)), new Set(['mcp']));
  });

  it('show a similar picture in place of a lost one, and buy what it was found by', async () => {
    await under.sandbox.reset([{ route: 'image', nth: 1, fault: { code: 'OutputImageSensitiveContentDetected' } }]);
    const id = await under.order();
    const film = await under.finished(id);
    assert.deepEqual(
      film.degradations.map(({ what, replaced_by }) => [what, replaced_by]),
      [['picture', `similar picture of video ${earlier}`]],
    );
    assert.deepEqual(
      embeddings(film.cost.lines).sort(),
      film.quality.scenes.map((scene) => `${scene.scene_id} bought`),
    );
    await assertHonestAccount(under, film.cost);
    await assertAtRest(under, id, 'COMPLETED');
  });

  it('come out the same while the endpoint of embeddings is down', async () => {
    await under.sandbox.reset([
      { route: 'image', nth: 1, fault: { code: 'OutputImageSensitiveContentDetected' } },
      { route: 'embedding', fault: { code: 'InternalServiceError' } },
    ]);
    const film = await under.finished(await under.order());
    assert.match(film.degradations[0]?.replaced_by ?? '', /^similar picture of video /);
    assert.deepEqual([film.degradations.length, embeddings(film.cost.lines)], [1, []]);
    await assertHonestAccount(under, film.cost);
  });
});

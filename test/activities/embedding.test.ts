import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { canvasFor } from '../../src/domain/canvas.ts';
import { composePicturePrompt } from '../../src/domain/picture-prompt.ts';
import { until } from '../ledger/shop.ts';
import { EMBEDDING_MODEL, KEPT_MEDIA, useSandbox, VISION_EMBEDDING_MODEL } from '../sandbox/harness.ts';
import { newVideoId, TENANT, useWorkshop, type Workshop } from './workshop.ts';

const SMALL_MODEL = 'doubao-seedream-3-0-t2i-250415';
const LOOK = { aspectRatio: '9:16', canvas: canvasFor('9:16', '360p'), style: '水彩', referenceImage: null } as const;
const promptOf = (scene: string) =>
  composePicturePrompt({ scene, subject: '橘猫', style: '水彩', look: '柔和', aspectRatio: '9:16', maxBytes: 900 });
const CAT = '一只橘猫在窗台上打盹';

describe('embeddings of Ark', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  const environment = { ARK_IMAGE_MODEL: SMALL_MODEL, ARK_EMBEDDING_SIMILARITY: '0.4' };
  const workshop = useWorkshop(sandbox, { ...environment, ARK_EMBEDDING_MODEL: VISION_EMBEDDING_MODEL });
  /** The same, asked for by text alone. */
  const byText = useWorkshop(sandbox, { ...environment, ARK_EMBEDDING_MODEL: EMBEDDING_MODEL });
  const local = useWorkshop(sandbox, environment);
  beforeEach(() => sandbox.clear());

  const still = (change: { videoId?: string; prompt?: string; maxCost?: number | null; at?: Workshop } = {}) => {
    const { at = workshop, ...input } = change;
    return at.run(at.activities.generateStill, {
      ...{
        videoId: newVideoId(),
        tenant: TENANT,
        sceneId: 's1',
        prompt: promptOf(CAT),
        maxCost: null,
        ...LOOK,
        ...input,
      },
    });
  };
  const search = (change: { prompt?: string; videoId?: string; maxCost?: number | null; at?: Workshop } = {}) => {
    const { at = workshop, prompt = promptOf(CAT), ...input } = change;
    const scenes = [{ sceneId: 's9', prompt }];
    const wish = { videoId: newVideoId(), tenant: TENANT, maxCost: null, scenes, ...LOOK, ...input };
    return at.run(at.activities.findSimilarPictures, wish);
  };
  const linesOf = async (videoId: string, at = workshop) =>
    (await at.account(videoId)).lines.map(({ purpose, state, basis, model }) => [purpose, state, basis, model]);
  const EMBEDDED = ['embedding', 'bought', 'reported', VISION_EMBEDDING_MODEL];
  const STILL = ['still', 'bought', 'reported', SMALL_MODEL];

  for (const [at, model] of [
    [workshop, VISION_EMBEDDING_MODEL],
    [byText, EMBEDDING_MODEL],
  ] as const)
    it(`buys one for a picture, and finds the picture by it: ${model}`, async () => {
      const videoId = newVideoId();
      const { image } = await still({ videoId, at });
      assert.deepEqual(await linesOf(videoId, at), [STILL, ['embedding', 'bought', 'reported', model]]);
      const [line] = await at.billed('embedding');
      const told = (await at.account(videoId)).lines.find(({ purpose }) => purpose === 'embedding');
      assert.deepEqual([told?.units, told?.sceneId], [{ input_tokens: line?.units }, 's1']);
      assert.ok((told?.price ?? 0) > 0 && (told?.price ?? 1) < 0.0001, String(told?.price));

      const looking = newVideoId();
      const found = await search({ videoId: looking, at });
      assert.deepEqual(
        found.map((each) => [each.sceneId, each.still.image.sha256, each.from.videoId]),
        [['s9', image.sha256, videoId]],
      );
      assert.deepEqual(await linesOf(looking, at), [['embedding', 'bought', 'reported', model]]);
      await search({ videoId: looking, at });
      assert.equal((await at.billed('embedding')).length, 2, 'the second search of the same scene buys nothing');
      assert.deepEqual(await search({ prompt: promptOf('海底的沉船，鱼群游过'), at }), []);
    });

  it('buys none where none is configured', async () => {
    const videoId = newVideoId();
    await still({ videoId, at: local });
    assert.equal((await search({ at: local })).length, 1);
    assert.deepEqual(await linesOf(videoId, local), [STILL]);
    assert.deepEqual(await local.billed('embedding'), []);
  });

  it('loses no picture when they fail: what is made here serves, and nothing is billed', async () => {
    await sandbox.faults([{ route: 'embedding', fault: { code: 'ModelAccountRpmRateLimitExceeded' } }]);
    const videoId = newVideoId();
    const { image } = await still({ videoId, prompt: promptOf('雪山脚下的木屋，烟囱冒着炊烟') });
    assert.deepEqual(await linesOf(videoId), [STILL]);
    await sandbox.clear();
    const [found] = await search({ prompt: promptOf('雪山下一座木屋，烟囱升起炊烟') });
    assert.equal(found?.still.image.sha256, image.sha256, 'although it has no embedding of Ark’s');
    await sandbox.faults([{ route: 'embedding', fault: { status: 503 } }]);
    assert.equal((await search()).length, 1, 'nor has the scene that looks for one');
  });

  it('does not wait long for one that is late: it may be billed, and its answer is there for the next', async () => {
    await sandbox.faults([{ route: 'embedding', fault: { delayMs: 300_000 } }]);
    const ids = [newVideoId(), newVideoId()] as const;
    const states = () =>
      Promise.all(
        ids.map(async (id) => (await workshop.account(id)).lines.find(({ purpose }) => purpose === 'embedding')?.state),
      );
    const [, found] = await Promise.all([still({ videoId: ids[0] }), search({ videoId: ids[1] })]);
    assert.equal(found.length, 1, 'as what is made here says');
    assert.deepEqual(await states(), ['unknown', 'unknown']);
    await sandbox.release();
    await until(async () => (await states()).every((state) => state === 'bought'));
    await still({ videoId: ids[0] });
    assert.equal((await workshop.billed('embedding')).length, 2);
  });

  it('is entered by the next attempt, when the first died before it was, and is paid once', async () => {
    const videoId = newVideoId();
    const first = await still({ videoId });
    await workshop.forgetStill(videoId);
    assert.deepEqual(await still({ videoId }), first);
    assert.deepEqual(await linesOf(videoId), [STILL, EMBEDDED]);
    assert.ok((await search()).some(({ from }) => from.videoId === videoId));
    assert.equal((await workshop.billed('image')).length, 1);
  });

  it('counts in max_cost: what does not reach for it goes without', async () => {
    const videoId = newVideoId();
    await still({ videoId, maxCost: 0.25 });
    assert.deepEqual(await linesOf(videoId), [STILL], 'the picture costs it all');
    const looking = newVideoId();
    assert.equal((await search({ videoId: looking, maxCost: 0.000001 })).length, 1);
    assert.deepEqual(await linesOf(looking), []);
    // Inputs from before they were bought do not say how much may be spent.
    const { maxCost: _, ...older } = { videoId: looking, tenant: TENANT, maxCost: null, ...LOOK, scenes: [] };
    await workshop.run(workshop.activities.findSimilarPictures, {
      ...older,
      scenes: [{ sceneId: 's1', prompt: promptOf(CAT) }],
    });
    assert.deepEqual(await workshop.billed('embedding'), []);
  });

  it('does not take what was bought for other words of the scene', async () => {
    const videoId = newVideoId();
    await search({ videoId, prompt: promptOf('海底的沉船') });
    assert.deepEqual(await linesOf(videoId), [EMBEDDED]);
    assert.equal((await search({ videoId })).length, 1, 'as what is made here says');
    assert.equal((await linesOf(videoId)).length, 1);
  });

  it('is measured for its threshold by a program', async () => {
    const { stdout } = await promisify(execFile)('npx', ['tsx', 'scripts/measure-embeddings.ts'], {
      env: {
        ...process.env,
        ARK_API_KEY: 'k',
        ARK_BASE_URL: `${sandbox.url}/api/v3`,
        ARK_EMBEDDING_MODEL: EMBEDDING_MODEL,
      },
    });
    // Of the sandbox's letters, not of Ark's meanings: this holds the program, not a model.
    const rows = stdout.split('\n').flatMap((row) => {
      const [, least, found, mistaken] = /^(0\.\d\d) +(\d+) +(\d+)$/.exec(row)?.map(Number) ?? [];
      return least === undefined ? [] : [{ least, recall: found! / 20, precision: found! / (found! + mistaken!) }];
    });
    const best = rows.filter(({ precision }) => precision >= 0.9).at(0);
    assert.ok(best !== undefined && best.recall >= 0.8, stdout);
    assert.ok(
      rows.every(({ recall }, at) => at === 0 || recall <= rows[at - 1]!.recall),
      stdout,
    );
  });
});

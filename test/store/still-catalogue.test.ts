import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { eq } from 'drizzle-orm';
import { assets as assetRows, stills } from '../../src/database/schema.ts';
import type { AssetRef } from '../../src/domain/asset.ts';
import type { Embedder } from '../../src/domain/embedder.ts';
import { composePicturePrompt } from '../../src/domain/picture-prompt.ts';
import { forgetStills, StillCatalogue, type KeptStill } from '../../src/store/still-catalogue.ts';
import { DATABASES, type TestDatabase } from '../database/servers.ts';
import { STORES, type StoreUnderTest } from './stores.ts';

/** As the storyboard composes it: another film's manner is another one. */
const promptOf = (scene: string, { subject = '橘猫', look = '柔和逆光' } = {}): string =>
  composePicturePrompt({ scene, subject, style: '水彩', look, aspectRatio: '9:16', maxBytes: 900 });

const CANVAS = { width: 360, height: 640 };

for (const { name, start } of DATABASES)
  describe(`the catalogue of stills on ${name}`, () => {
    let database: TestDatabase;
    let under: StoreUnderTest;
    let catalogue: StillCatalogue;
    before(async () => void (database = await start()));
    after(() => database.stop());
    beforeEach(async () => {
      await database.empty();
      under = await (await STORES[0]!.start()).open();
      catalogue = new StillCatalogue(database.database, under.store);
    });
    afterEach(() => under.remove());

    const LOOK = { tenant: 'local', aspectRatio: '9:16', style: '水彩', referenceImage: null } as const;
    let bought = 0;
    const keep = async (change: Partial<KeptStill> = {}): Promise<AssetRef> => {
      const image = await under.store.put(Buffer.from(`picture ${++bought}`), 'image/jpeg');
      await catalogue.add({
        ...{ ...LOOK, videoId: `v${bought}`, sceneId: 's1', prompt: promptOf('一只橘猫在窗台上打盹') },
        still: { image, width: 1440, height: 2560, model: 'm' },
        ...change,
      });
      return image;
    };
    const find = (scenes: string[], change: object = {}) =>
      catalogue.findSimilar({
        ...{ ...LOOK, videoId: 'v-new', canvas: CANVAS },
        scenes: scenes.map((scene, index) => ({ sceneId: `s${index + 1}`, prompt: promptOf(scene) })),
        ...change,
      });
    const found = async (...wanted: Parameters<typeof find>) =>
      (await find(...wanted)).map(({ sceneId, still }) => [sceneId, still.image.sha256]);

    it('finds the picture of a prompt that says nearly the same, in Chinese and in English', async () => {
      const cat = await keep();
      assert.deepEqual(await found(['窗台上一只橘猫在打盹']), [['s1', cat.sha256]]);
      assert.deepEqual(await found(['一只橘猫在厨房里追逐毛线球，灯光昏暗']), []);

      const prompt = 'A red kite flies over the wide dunes at dawn. Subject: a red kite. Style: photo. ';
      const kite = await keep({ prompt });
      const scenes = [
        { sceneId: 's1', prompt: 'At dawn a red kite flies over wide dunes. Subject: a red kite. Style: ink. ' },
      ];
      assert.deepEqual(await found([], { scenes }), [['s1', kite.sha256]]);
      const other = [
        { sceneId: 's1', prompt: 'A red bicycle leans on a garden wall. Subject: a red kite. Style: photo. ' },
      ];
      assert.deepEqual(await found([], { scenes: other }), []);
    });

    it('prefers the most similar, and gives no two scenes the same', async () => {
      const near = await keep({ prompt: promptOf('一只橘猫在窗台上打盹，窗外下雨') });
      const exact = await keep();
      const scene = '一只橘猫在窗台上打盹';
      assert.deepEqual(await found([scene, scene, scene]), [
        ['s1', exact.sha256],
        ['s2', near.sha256],
      ]);
    });

    it('never crosses tenants, styles, ratios or reference pictures, nor takes one that is too small or its own', async () => {
      const scene = ['一只橘猫在窗台上打盹'];
      await keep();
      assert.equal((await find(scene)).length, 1);
      for (const change of [
        { tenant: 'other' },
        { style: '油画' },
        { style: null },
        { aspectRatio: '16:9' },
        { referenceImage: 'a'.repeat(64) },
        { canvas: { width: 2160, height: 3840 } },
        { videoId: `v${bought}` },
      ])
        assert.deepEqual(await find(scene, change), [], JSON.stringify(change));
      assert.equal((await find(scene, { style: ' 水彩 ' })).length, 1, 'blanks are no style');
    });

    it('finds one that is said in other words', async () => {
      const cat = await keep();
      await keep({ prompt: promptOf('一只橘猫在厨房里追逐毛线球，灯光昏暗') });
      assert.deepEqual(await found(['窗台上有一只橘色的猫正在睡觉']), [['s1', cat.sha256]]);
    });

    it('compares directions of one model only; others, and those of an earlier release, by their words', async () => {
      const other: Embedder = { model: 'other/2', similarEnough: 0.9, embed: () => Promise.resolve([1, 0]) };
      const [first, second] = [await keep(), await keep({ prompt: promptOf('雪山脚下的木屋，烟囱冒着炊烟') })];
      await database.database.run((query) =>
        query.update(stills).set({ embedding: null, embeddingModel: null }).where(eq(stills.sha256, second.sha256)),
      );
      const scenes = ['窗台上一只橘猫在打盹', '雪山脚下一座木屋，烟囱冒着炊烟'];
      const both = [
        ['s1', first.sha256],
        ['s2', second.sha256],
      ];
      assert.deepEqual(await found(scenes), both);
      // Another model's directions would all be one: nothing is found by them, and the same by words.
      catalogue = new StillCatalogue(database.database, under.store, other);
      assert.deepEqual(await found([...scenes, '一列高铁穿过油菜花田']), both);
      const train = await keep({ prompt: promptOf('海底的沉船') });
      assert.deepEqual(await found(['一列高铁穿过油菜花田']), [['s1', train.sha256]]);
    });

    it('never gives one whose file is gone', async () => {
      const lost = await keep();
      await under.store.remove(lost.sha256, { storedBefore: new Date(Date.now() + 60_000) });
      assert.deepEqual(await find(['一只橘猫在窗台上打盹']), []);
    });

    it('keeps what it gives from pruning while a film may be made of it', async () => {
      const cat = await keep();
      await find(['一只橘猫在窗台上打盹']);
      const rows = await database.database.run((query) => query.select().from(assetRows));
      assert.deepEqual(
        rows.map(({ tenant, sha256, origin }) => [tenant, sha256, origin]),
        [['local', cat.sha256, 'made']],
      );
    });

    it('forgets what belongs to no video', async () => {
      await keep();
      await forgetStills(database.database, { createdBefore: new Date(Date.now() - 60_000) });
      assert.equal((await find(['一只橘猫在窗台上打盹'])).length, 1, 'too young');
      await forgetStills(database.database, { createdBefore: new Date(Date.now() + 60_000) });
      assert.deepEqual(await find(['一只橘猫在窗台上打盹']), []);
    });
  });

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { eq } from 'drizzle-orm';
import { assets as assetRows, stills } from '../../src/database/schema.ts';
import type { AssetRef } from '../../src/domain/asset.ts';
import { unitDirection, type Embedder } from '../../src/domain/embedder.ts';
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
    const keep = async (change: Partial<KeptStill> = {}, embedder: Embedder | null = null): Promise<AssetRef> => {
      const image = await under.store.put(Buffer.from(`picture ${++bought}`), 'image/jpeg');
      const still = { image, width: 1440, height: 2560, model: 'm' };
      const scene = { videoId: `v${bought}`, sceneId: 's1', prompt: promptOf('一只橘猫在窗台上打盹') };
      await catalogue.add({ ...LOOK, ...scene, still, ...change }, embedder);
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

    const withoutDirection = async (sha256: string) =>
      database.database.run((query) =>
        query.update(stills).set({ embedding: null, embeddingModel: null }).where(eq(stills.sha256, sha256)),
      );

    it('compares those of an earlier release, which have no direction, by their words', async () => {
      const [first, second] = [await keep(), await keep({ prompt: promptOf('雪山脚下的木屋，烟囱冒着炊烟') })];
      await withoutDirection(second.sha256);
      assert.deepEqual(await found(['窗台上一只橘猫在打盹', '雪山脚下一座木屋，烟囱冒着炊烟']), [
        ['s1', first.sha256],
        ['s2', second.sha256],
      ]);
    });

    describe('with an embedder that is paid', () => {
      /** Says as it is told, by what the prompt has in it; null for the rest. */
      const saying = (directions: Record<string, number[]>, model = 'paid'): Embedder => ({
        similarEnough: 0.9,
        embed: async ({ prompt }) => {
          const values = Object.entries(directions).find(([word]) => prompt.includes(word))?.[1];
          return values === undefined ? null : unitDirection(model, values);
        },
      });
      const CAT = '一只橘猫在窗台上打盹';
      const foundBy = async (embedder: Embedder | null, scene: string) => {
        const scenes = [{ sceneId: 's1', prompt: promptOf(scene) }];
        const wanted = { ...LOOK, videoId: 'v-new', canvas: CANVAS, scenes };
        return (await catalogue.findSimilar(wanted, embedder)).map(({ still }) => still.image.sha256);
      };

      it('believes it rather than its own, both ways', async () => {
        const embedder = saying({ 猫: [1, 0, 0], 高铁: [0.99, 0.1, 0], 打盹: [0, 1, 0] });
        const cat = await keep({}, saying({ 猫: [1, 0, 0] }));
        assert.deepEqual(
          await foundBy(embedder, '一列高铁穿过油菜花田'),
          [cat.sha256],
          'only it says that they are alike',
        );
        assert.deepEqual(await foundBy(saying({ 打盹: [0, 1, 0] }), CAT), [], 'the same words, and it says no');
        assert.deepEqual(await foundBy(null, CAT), [cat.sha256], 'without it they are the same');
      });

      it('holds no directions of other models or dimensions beside its own: those rows go by what we say', async () => {
        const same = { 猫: [1, 0, 0], 高铁: [1, 0, 0] };
        const cat = await keep({}, saying(same));
        for (const other of [saying(same, 'another'), saying({ 猫: [1, 0], 高铁: [1, 0] })]) {
          assert.deepEqual(await foundBy(other, '一列高铁穿过油菜花田'), []);
          assert.deepEqual(await foundBy(other, CAT), [cat.sha256]);
        }
        await withoutDirection(cat.sha256);
        assert.deepEqual(await foundBy(saying(same, 'another'), CAT), [cat.sha256], 'by its words');
      });

      it('falls back on our own where it says nothing, of what is kept and of what is looked for', async () => {
        const mute = saying({});
        const cat = await keep({}, mute);
        for (const embedder of [mute, saying({ 猫: [1, 0, 0] }), null])
          assert.deepEqual(await foundBy(embedder, CAT), [cat.sha256]);
      });

      it('never writes a direction whose dimensions are not those that are named', async () => {
        const { sha256 } = await keep({}, saying({ 猫: [1, 0, 0] }));
        const change = (of: object) =>
          database.database.run((query) => query.update(stills).set(of).where(eq(stills.sha256, sha256)));
        await assert.rejects(change({ boughtDimensions: 2 }));
        await assert.rejects(change({ boughtModel: null }));
      });
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

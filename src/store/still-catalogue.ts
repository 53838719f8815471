import { and, arrayOverlaps, desc, eq, gte, lt, ne, notExists, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { stills, videos } from '../database/schema.ts';
import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import type { StillAsset } from '../domain/outcome.ts';
import { pictureWords, similarity, SIMILAR_ENOUGH } from '../domain/picture-words.ts';
import type { AssetStore } from './asset-store.ts';
import { noteUse } from './note-use.ts';

/** What two pictures must have in common before their prompts are compared. */
export interface Look {
  tenant: string;
  aspectRatio: AspectRatio;
  style: string | null;
  referenceImage: string | null;
}

export interface KeptStill extends Look {
  videoId: string;
  sceneId: string;
  prompt: string;
  still: StillAsset;
}

export interface PictureWanted extends Look {
  /** Its own pictures are neighbours, not finds. */
  videoId: string;
  canvas: Canvas;
  scenes: { sceneId: string; prompt: string }[];
}

export interface SimilarPicture {
  sceneId: string;
  still: StillAsset;
  /** Whose it is. */
  from: { videoId: string; sceneId: string };
}

/** As many of the newest are looked at: the same words in thousands of films would find nothing better. */
const CANDIDATES = 200;
const BATCH = 200;

/** The pictures that a tenant has bought, by what they show. */
export class StillCatalogue {
  readonly #database: Database;
  readonly #assets: AssetStore;

  constructor(database: Database, assets: AssetStore) {
    this.#database = database;
    this.#assets = assets;
  }

  /** @throws DatabaseUnavailable */
  async add({ still, prompt, ...scene }: KeptStill): Promise<void> {
    const { sha256, mediaType, sizeBytes } = still.image;
    const row = {
      ...{ tenant: scene.tenant, videoId: scene.videoId, sceneId: scene.sceneId, ...lookOf(scene) },
      ...{ width: still.width, height: still.height, words: pictureWords(prompt) },
      ...{ sha256, mediaType, sizeBytes, model: still.model },
    };
    await this.#database.run(async (query) => {
      await query.insert(stills).values(row).onConflictDoNothing();
    });
  }

  /**
   * The most similar earlier picture of each scene, each picture once, for the scenes that have one. What is found is kept
   * from pruning as long as a run may last. @throws DatabaseUnavailable, StoreUnavailableError
   */
  async findSimilar(wanted: PictureWanted): Promise<SimilarPicture[]> {
    const found: SimilarPicture[] = [];
    const taken = new Set<string>();
    for (const { sceneId, prompt } of wanted.scenes) {
      const words = pictureWords(prompt);
      const candidates = words.length === 0 ? [] : await this.#candidates(wanted, words);
      const ranked = candidates
        .map((row) => ({ row, alike: similarity(words, row.words) }))
        .filter(({ alike, row }) => alike >= SIMILAR_ENOUGH && !taken.has(row.sha256))
        .sort((a, b) => b.alike - a.alike);
      for (const { row } of ranked) {
        const still = await this.#held(row);
        if (still === null) continue;
        taken.add(row.sha256);
        found.push({ sceneId, still, from: { videoId: row.videoId, sceneId: row.sceneId } });
        break;
      }
    }
    return found;
  }

  #candidates(wanted: PictureWanted, words: string[]): Promise<(typeof stills.$inferSelect)[]> {
    const { style, aspectRatio, referenceImage } = lookOf(wanted);
    const { width, height } = wanted.canvas;
    return this.#database.run((query) =>
      query
        .select()
        .from(stills)
        .where(
          and(
            ...[eq(stills.tenant, wanted.tenant), ne(stills.videoId, wanted.videoId)],
            ...[eq(stills.style, style), eq(stills.aspectRatio, aspectRatio)],
            ...[eq(stills.referenceImage, referenceImage), arrayOverlaps(stills.words, words)],
            ...[gte(stills.width, width), gte(stills.height, height)],
          ),
        )
        .orderBy(desc(stills.createdAt), stills.videoId, stills.sceneId)
        .limit(CANDIDATES),
    );
  }

  /** Marked first, looked for then: whoever prunes meanwhile either sees the mark, or was quicker. Null: the file is gone. */
  async #held(row: typeof stills.$inferSelect): Promise<StillAsset | null> {
    const { sha256, mediaType, sizeBytes, width, height, model } = row;
    if ((await this.#assets.find(sha256)) === null) return null;
    const named = { uri: `asset:${sha256}`, sha256, mediaType, sizeBytes };
    await noteUse(this.#database, row.tenant, [named]);
    const image = await this.#assets.find(sha256);
    return image === null ? null : { image, width, height, model };
  }
}

const lookOf = ({ style, aspectRatio, referenceImage }: Look) => ({
  style: (style ?? '').normalize('NFKC').trim().toLowerCase(),
  aspectRatio,
  referenceImage: referenceImage ?? '',
});

/** Of videos that have no row (any more), as answers are forgotten. */
export async function forgetStills(database: Database, { createdBefore }: { createdBefore: Date }): Promise<void> {
  const key = sql`${stills.tenant}, ${stills.videoId}, ${stills.sceneId}`;
  const nobodys = notExists(sql`(select 1 from ${videos} where ${eq(videos.id, stills.videoId)})`);
  const isLeftOver: SQL | undefined = and(lt(stills.createdAt, createdBefore), nobodys);
  let forgotten = BATCH;
  while (forgotten === BATCH) {
    const batch = sql`select ${key} from ${stills} where ${isLeftOver} limit ${BATCH}`;
    const { rowCount } = await database.run((query) => query.delete(stills).where(sql`(${key}) in (${batch})`));
    forgotten = rowCount ?? 0;
  }
}

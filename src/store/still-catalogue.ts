import { and, arrayOverlaps, desc, eq, gte, isNull, lt, ne, notExists, or, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { stills, videos } from '../database/schema.ts';
import { vectorText } from '../database/vector-column.ts';
import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import type { Embedder } from '../domain/embedder.ts';
import { LOCAL_EMBEDDER } from '../domain/local-embedding.ts';
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

type StillRow = typeof stills.$inferSelect;

/** The nearest: one for each scene of the longest film, and more whose files are gone. */
const NEAREST = 60;
/** As many of the newest are looked at: the same words in thousands of films would find nothing better. */
const CANDIDATES = 200;
const BATCH = 200;

/** The pictures that a tenant has bought, by what they show. */
export class StillCatalogue {
  readonly #database: Database;
  readonly #assets: AssetStore;
  readonly #embedder: Embedder;

  constructor(database: Database, assets: AssetStore, embedder: Embedder = LOCAL_EMBEDDER) {
    this.#database = database;
    this.#assets = assets;
    this.#embedder = embedder;
  }

  /** @throws DatabaseUnavailable */
  async add({ still, prompt, ...scene }: KeptStill): Promise<void> {
    const { sha256, mediaType, sizeBytes } = still.image;
    const embedding = await this.#embedder.embed({ ...scene, prompt });
    const row = {
      ...{ tenant: scene.tenant, videoId: scene.videoId, sceneId: scene.sceneId, ...lookOf(scene) },
      ...{ width: still.width, height: still.height, words: pictureWords(prompt) },
      ...{ sha256, mediaType, sizeBytes, model: still.model },
      ...(embedding === null ? {} : { embedding, embeddingModel: this.#embedder.model }),
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
      for (const row of await this.#ranked(wanted, { sceneId, prompt })) {
        if (taken.has(row.sha256)) continue;
        const still = await this.#held(row);
        if (still === null) continue;
        taken.add(row.sha256);
        found.push({ sceneId, still, from: { videoId: row.videoId, sceneId: row.sceneId } });
        break;
      }
    }
    return found;
  }

  /** Those that are similar enough, the most similar first: by direction, then, of those that have none, by their words. */
  async #ranked(wanted: PictureWanted, scene: { sceneId: string; prompt: string }): Promise<StillRow[]> {
    const { model, similarEnough } = this.#embedder;
    const words = pictureWords(scene.prompt);
    const direction = await this.#embedder.embed({ tenant: wanted.tenant, videoId: wanted.videoId, ...scene });
    const alike = direction === null ? [] : await this.#byDirection(wanted, { model, direction });
    const speakingAlike = words.length === 0 ? [] : await this.#byWords(wanted, { model, words });
    return [
      ...alike.filter(({ cosine }) => cosine >= similarEnough).map(({ row }) => row),
      ...speakingAlike
        .map((row) => ({ row, share: similarity(words, row.words) }))
        .filter(({ share }) => share >= SIMILAR_ENOUGH)
        .sort((a, b) => b.share - a.share)
        .map(({ row }) => row),
    ];
  }

  /** An exact scan of the tenant's pictures of this look. */
  #byDirection(wanted: PictureWanted, { model, direction }: { model: string; direction: number[] }) {
    const distance = sql<number>`${stills.embedding} <=> ${vectorText(direction)}::vector`;
    return this.#database.run((query) =>
      query
        .select({ row: stills, cosine: sql<number>`1 - (${distance})`.mapWith(Number) })
        .from(stills)
        .where(and(...sameLook(wanted), eq(stills.embeddingModel, model)))
        .orderBy(distance, desc(stills.createdAt), stills.videoId, stills.sceneId)
        .limit(NEAREST),
    );
  }

  #byWords(wanted: PictureWanted, { model, words }: { model: string; words: string[] }): Promise<StillRow[]> {
    return this.#database.run((query) =>
      query
        .select()
        .from(stills)
        .where(
          and(
            ...[...sameLook(wanted), arrayOverlaps(stills.words, words)],
            or(isNull(stills.embeddingModel), ne(stills.embeddingModel, model)),
          ),
        )
        .orderBy(desc(stills.createdAt), stills.videoId, stills.sceneId)
        .limit(CANDIDATES),
    );
  }

  /** Marked first, looked for then: whoever prunes meanwhile either sees the mark, or was quicker. Null: the file is gone. */
  async #held(row: StillRow): Promise<StillAsset | null> {
    const { sha256, mediaType, sizeBytes, width, height, model } = row;
    if ((await this.#assets.find(sha256)) === null) return null;
    const named = { uri: `asset:${sha256}`, sha256, mediaType, sizeBytes };
    await noteUse(this.#database, row.tenant, [named]);
    const image = await this.#assets.find(sha256);
    return image === null ? null : { image, width, height, model };
  }
}

/** Of the same tenant, style, ratio and reference, large enough, and of another video. */
function sameLook(wanted: PictureWanted): SQL[] {
  const { style, aspectRatio, referenceImage } = lookOf(wanted);
  const { width, height } = wanted.canvas;
  return [
    ...[eq(stills.tenant, wanted.tenant), ne(stills.videoId, wanted.videoId)],
    ...[eq(stills.style, style), eq(stills.aspectRatio, aspectRatio), eq(stills.referenceImage, referenceImage)],
    ...[gte(stills.width, width), gte(stills.height, height)],
  ];
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

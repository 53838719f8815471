import { and, arrayOverlaps, desc, eq, gte, isNull, lt, ne, not, notExists, or, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { stills, videos } from '../database/schema.ts';
import { vectorText } from '../database/vector-column.ts';
import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import type { Direction, Embedder } from '../domain/embedder.ts';
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

/**
 * The pictures that a tenant has bought, by what they show: as our own embedder says, and as a bought one does where it is
 * given along. Directions of different models, or of different dimensions, are never held side by side.
 */
export class StillCatalogue {
  readonly #database: Database;
  readonly #assets: AssetStore;

  constructor(database: Database, assets: AssetStore) {
    this.#database = database;
    this.#assets = assets;
  }

  /** What is bought comes last: without it the picture is in the catalogue all the same. @throws DatabaseUnavailable */
  async add({ still, prompt, ...scene }: KeptStill, bought: Embedder | null = null): Promise<void> {
    const { sha256, mediaType, sizeBytes } = still.image;
    const own = await LOCAL_EMBEDDER.embed({ ...scene, prompt });
    const row = {
      ...{ tenant: scene.tenant, videoId: scene.videoId, sceneId: scene.sceneId, ...lookOf(scene) },
      ...{ width: still.width, height: still.height, words: pictureWords(prompt) },
      ...{ sha256, mediaType, sizeBytes, model: still.model },
      ...(own === null ? {} : { embedding: own.values, embeddingModel: own.model }),
    };
    await this.#database.run(async (query) => {
      await query.insert(stills).values(row).onConflictDoNothing();
    });
    const direction = await bought?.embed({ ...scene, prompt });
    if (direction != null) await this.#addBought(scene, direction);
  }

  async #addBought(
    { tenant, videoId, sceneId }: Omit<KeptStill, 'still' | 'prompt'>,
    { model, values }: Direction,
  ): Promise<void> {
    const change = { boughtModel: model, boughtDimensions: values.length, boughtEmbedding: values };
    await this.#database.run(async (query) => {
      await query
        .update(stills)
        .set(change)
        .where(and(eq(stills.tenant, tenant), eq(stills.videoId, videoId), eq(stills.sceneId, sceneId)));
    });
  }

  /**
   * The most similar earlier picture of each scene, each picture once, for the scenes that have one. What is found is kept
   * from pruning as long as a run may last. @throws DatabaseUnavailable, StoreUnavailableError
   */
  async findSimilar(wanted: PictureWanted, bought: Embedder | null = null): Promise<SimilarPicture[]> {
    const { tenant, videoId, scenes } = wanted;
    const directions = await Promise.all(
      scenes.map(async (scene) => (await bought?.embed({ tenant, videoId, ...scene })) ?? null),
    );
    const found: SimilarPicture[] = [];
    const taken = new Set<string>();
    for (const [at, { sceneId, prompt }] of scenes.entries()) {
      const direction = directions[at] ?? null;
      const judge = bought === null || direction === null ? null : { direction, similarEnough: bought.similarEnough };
      for (const row of await this.#ranked(wanted, { sceneId, prompt }, judge)) {
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

  /**
   * Those that are similar enough, the most similar first: as the bought direction says; then, of those that it cannot be
   * compared with, as our own says; then, of those that have neither, by their words.
   */
  async #ranked(
    wanted: PictureWanted,
    scene: { sceneId: string; prompt: string },
    bought: Judge | null,
  ): Promise<StillRow[]> {
    const own = await LOCAL_EMBEDDER.embed({ tenant: wanted.tenant, videoId: wanted.videoId, ...scene });
    const words = pictureWords(scene.prompt);
    const unjudged = bought === null ? undefined : not(isBoughtAs(bought.direction));
    const unsaid = own === null ? undefined : or(isNull(stills.embeddingModel), ne(stills.embeddingModel, own.model));
    const { similarEnough } = LOCAL_EMBEDDER;
    return [
      ...(bought === null ? [] : await this.#alike(wanted, BOUGHT, bought)),
      ...(own === null ? [] : await this.#alike(wanted, OWN, { direction: own, similarEnough }, unjudged)),
      ...(words.length === 0 ? [] : await this.#speakingAlike(wanted, words, and(unjudged, unsaid))),
    ];
  }

  /** An exact scan of the tenant's pictures of this look. */
  async #alike(
    wanted: PictureWanted,
    { column, isComparable }: Directions,
    { direction, similarEnough }: Judge,
    more?: SQL,
  ): Promise<StillRow[]> {
    const distance = sql<number>`${column} <=> ${vectorText(direction.values)}::vector`;
    const nearest = await this.#database.run((query) =>
      query
        .select({ row: stills, cosine: sql<number>`1 - (${distance})`.mapWith(Number) })
        .from(stills)
        .where(and(...sameLook(wanted), isComparable(direction), more))
        .orderBy(distance, desc(stills.createdAt), stills.videoId, stills.sceneId)
        .limit(NEAREST),
    );
    return nearest.filter(({ cosine }) => cosine >= similarEnough).map(({ row }) => row);
  }

  async #speakingAlike(wanted: PictureWanted, words: string[], more?: SQL): Promise<StillRow[]> {
    const rows = await this.#database.run((query) =>
      query
        .select()
        .from(stills)
        .where(and(...sameLook(wanted), arrayOverlaps(stills.words, words), more))
        .orderBy(desc(stills.createdAt), stills.videoId, stills.sceneId)
        .limit(CANDIDATES),
    );
    return rows
      .map((row) => ({ row, share: similarity(words, row.words) }))
      .filter(({ share }) => share >= SIMILAR_ENOUGH)
      .sort((a, b) => b.share - a.share)
      .map(({ row }) => row);
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

interface Judge {
  direction: Direction;
  similarEnough: number;
}

/** Where directions are kept, and which of them can be compared with one. */
interface Directions {
  column: typeof stills.embedding | typeof stills.boughtEmbedding;
  isComparable(direction: Direction): SQL;
}

/** False, never null, where there is none: its opposite is asked too. */
const isBoughtAs = ({ model, values }: Direction): SQL =>
  sql`(${stills.boughtModel}, ${stills.boughtDimensions}) is not distinct from (${model}::text, ${values.length}::integer)`;
const BOUGHT: Directions = { column: stills.boughtEmbedding, isComparable: isBoughtAs };
/** Its model's name says how many dimensions it has. */
const OWN: Directions = { column: stills.embedding, isComparable: ({ model }) => eq(stills.embeddingModel, model) };

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

/** Two spellings of one style are one. */
export const normalizedStyle = (style: string): string => style.normalize('NFKC').trim().toLowerCase();

const lookOf = ({ style, aspectRatio, referenceImage }: Look) => ({
  style: normalizedStyle(style ?? ''),
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

import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Sql } from '../database/database.ts';
import { eventCursor, events, scenes, videos } from '../database/schema.ts';
import type { VideoIdentity, VideoRecord } from '../domain/video-record.ts';
import type { VideoEvent } from '../domain/video-event.ts';
import type { ReadModel } from './read-model.ts';
import { storable } from './storable.ts';

/** Something that happened, under a key by which a second report of it is known. */
export interface KeyedEvent {
  key: string;
  at: string;
  event: VideoEvent;
}

type Known = Pick<VideoRecord, 'status' | 'finishedAt'> & { lastEventId: number };
type RowChange = Partial<
  Pick<
    VideoRecord,
    'status' | 'stage' | 'progress' | 'title' | 'result' | 'failure' | 'cost' | 'finishedAt' | 'createdAt'
  >
>;

export interface Change {
  video: VideoIdentity;
  events: KeyedEvent[];
  /** What becomes of the row; `news` counts the events that were not known before. */
  row(known: Known, news: number): RowChange;
}

/**
 * The one way anything gets into the read model: row, scenes and events in one transaction. Within a video it goes one
 * after the other, and events get ids 1, 2, 3, …; over all videos `seq` follows the order of the commits. Nothing is
 * added to a video that has ended. Resolves to how many events were new.
 */
export async function append({ database, bell }: ReadModel, { video, events: reported, row }: Change): Promise<number> {
  const count = await database.transaction(async (query) => {
    const known = await lockRow(query, video);
    if (known.finishedAt !== null) return 0;
    const fresh = await unknownOf(query, video.id, reported);
    const change = row(known, fresh.length);
    await query
      .update(videos)
      .set({ ...columnsOf(change), lastEventId: known.lastEventId + fresh.length, updatedAt: sql`now()` })
      .where(eq(videos.id, video.id));
    await noteScenes(query, video.id, fresh);
    await insertEvents(query, { video, fresh, lastId: known.lastEventId });
    return fresh.length;
  });
  if (count > 0) bell.ring();
  return count;
}

/** The video's row, made if it is new, and held until the transaction ends. */
async function lockRow(query: Sql, { id, tenant, runId, assetType, createdAt }: VideoIdentity): Promise<Known> {
  const first = { id, tenant, runId, assetType, createdAt: new Date(createdAt), status: 'queued', stage: 'script' };
  await query.insert(videos).values(first).onConflictDoNothing();
  const [row] = await query
    .select({ status: videos.status, finishedAt: videos.finishedAt, lastEventId: videos.lastEventId })
    .from(videos)
    .where(eq(videos.id, id))
    .for('update');
  if (row === undefined) throw new Error(`the row of ${id} was removed while it was written`);
  const { status, finishedAt, lastEventId } = row;
  return { status: status as VideoRecord['status'], finishedAt: finishedAt?.toISOString() ?? null, lastEventId };
}

async function unknownOf(query: Sql, videoId: string, reported: KeyedEvent[]): Promise<KeyedEvent[]> {
  if (reported.length === 0) return [];
  const keys = reported.map(({ key }) => key);
  const stored = await query
    .select({ key: events.key })
    .from(events)
    .where(and(eq(events.videoId, videoId), inArray(events.key, keys)));
  const told = new Set(stored.map(({ key }) => key));
  return reported.filter(({ key }) => !told.has(key) && told.add(key));
}

async function noteScenes(query: Sql, videoId: string, fresh: KeyedEvent[]): Promise<void> {
  const settled = fresh.flatMap(({ at, event }) => {
    if (event.type !== 'scene_settled') return [];
    const { branch, sceneId, state, why } = event;
    return [{ videoId, branch, sceneId, state, why, settledAt: new Date(at) }];
  });
  if (settled.length > 0) await query.insert(scenes).values(settled).onConflictDoNothing();
}

/** Last in the transaction: whoever has the cursor's row keeps all other writers waiting. */
async function insertEvents(
  query: Sql,
  { video, fresh, lastId }: { video: VideoIdentity; fresh: KeyedEvent[]; lastId: number },
): Promise<void> {
  if (fresh.length === 0) return;
  const [cursor] = await query
    .update(eventCursor)
    .set({ value: sql`${eventCursor.value} + ${fresh.length}` })
    .returning({ value: eventCursor.value });
  if (cursor === undefined) throw new Error('the events have no cursor');
  const before = cursor.value - fresh.length;
  await query.insert(events).values(
    fresh.map(({ key, at, event }, index) => {
      const { type, ...data } = storable(event);
      const [id, seq] = [lastId + index + 1, before + index + 1];
      return { videoId: video.id, id, seq, key, type, data, at: new Date(at) };
    }),
  );
}

function columnsOf({ finishedAt, createdAt, ...change }: RowChange) {
  return {
    ...storable(change),
    ...(finishedAt == null ? {} : { finishedAt: new Date(finishedAt) }),
    // The gateway's clock was near it; Temporal's counts.
    ...(createdAt === undefined ? {} : { createdAt: new Date(createdAt) }),
  };
}

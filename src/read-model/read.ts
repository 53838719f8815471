import { and, asc, desc, eq, gt, isNull, lt, or, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { eventCursor, events, videos } from '../database/schema.ts';
import type { VideoStatus } from '../domain/progress.ts';
import { VideoEvent } from '../domain/video-event.ts';
import { VideoRecord, type VideoIdentity } from '../domain/video-record.ts';
import type { AssetType } from '../domain/video-spec.ts';

/** An event as it is stored: `id` counts within its video, `seq` over all. */
export interface StoredEvent {
  videoId: string;
  id: number;
  seq: number;
  at: string;
  event: VideoEvent;
}

/** One that a newer release wrote: it has its place, and nothing to say here. */
export interface UnreadEvent extends Pick<StoredEvent, 'videoId' | 'id' | 'seq'> {
  event: null;
}

const unread = ({ videoId, id, seq }: typeof events.$inferSelect): UnreadEvent => ({ videoId, id, seq, event: null });

/** A video and the last of its events that its row knows of: what comes after that is news. */
export async function findVideoAt(
  database: Database,
  tenant: string,
  id: string,
): Promise<{ record: VideoRecord; lastEventId: number } | null> {
  const [row] = await database.run((query) =>
    query
      .select()
      .from(videos)
      .where(and(eq(videos.id, id), eq(videos.tenant, tenant))),
  );
  const record = row === undefined ? undefined : recordOf(row)[0];
  return row === undefined || record === undefined ? null : { record, lastEventId: row.lastEventId };
}

/** The videos under way, newest first, and the place in the order of commits at which they stood so. */
export async function videosUnderWay(
  database: Database,
  tenant: string,
  limit: number,
): Promise<{ seq: number; videos: VideoRecord[] }> {
  // One statement sees one state: no event falls between the place and the rows.
  const isUnderWay = and(eq(videos.tenant, tenant), isNull(videos.finishedAt));
  const rows = await database.run((query) =>
    query
      .select({ seq: eventCursor.value, video: videos })
      .from(eventCursor)
      .leftJoin(videos, isUnderWay)
      .orderBy(desc(videos.createdAt), asc(videos.id))
      .limit(limit),
  );
  return { seq: rows[0]?.seq ?? 0, videos: rows.flatMap(({ video }) => (video === null ? [] : recordOf(video))) };
}

export async function findVideo(database: Database, tenant: string, id: string): Promise<VideoRecord | null> {
  return (await findVideoAt(database, tenant, id))?.record ?? null;
}

/** Where a page of videos ended: the next one begins after this. */
export interface PageEnd {
  createdAt: string;
  id: string;
}

interface Wanted {
  tenant: string;
  status?: VideoStatus | undefined;
  assetType?: AssetType | undefined;
  limit: number;
  after: PageEnd | null;
}

/** Newest first. */
export async function readVideos(database: Database, wanted: Wanted): Promise<VideoRecord[]> {
  const { tenant, status, assetType, limit, after } = wanted;
  const conditions: (SQL | undefined)[] = [eq(videos.tenant, tenant)];
  if (status !== undefined) conditions.push(eq(videos.status, status));
  if (assetType !== undefined) conditions.push(eq(videos.assetType, assetType));
  if (after !== null) {
    const at = new Date(after.createdAt);
    conditions.push(or(lt(videos.createdAt, at), and(eq(videos.createdAt, at), gt(videos.id, after.id))));
  }
  const rows = await database.run((query) =>
    query
      .select()
      .from(videos)
      .where(and(...conditions))
      .orderBy(desc(videos.createdAt), asc(videos.id))
      .limit(limit),
  );
  return rows.flatMap(recordOf);
}

/** How many a tenant's are. */
export async function countUnderWay(database: Database, tenant: string): Promise<number> {
  return database.run((query) => query.$count(videos, and(eq(videos.tenant, tenant), isNull(videos.finishedAt))));
}

/** Videos whose end the read model does not know, those longest silent first. */
export async function unfinishedVideos(database: Database, limit: number): Promise<VideoRecord[]> {
  const rows = await database.run((query) =>
    query.select().from(videos).where(isNull(videos.finishedAt)).orderBy(asc(videos.updatedAt)).limit(limit),
  );
  return rows.flatMap(recordOf);
}

/** Which of these the read model knows, by which of their runs, and whether they have ended there. */
export async function knownVideos(
  database: Database,
  ids: string[],
): Promise<Map<string, Pick<VideoIdentity, 'runId' | 'runStartedAt'> & { ended: boolean }>> {
  if (ids.length === 0) return new Map();
  const rows = await database.run((query) =>
    query
      .select({ id: videos.id, runId: videos.runId, began: videos.runStartedAt, finishedAt: videos.finishedAt })
      .from(videos)
      .where(sql`${videos.id} = any(${sql.param(ids)})`),
  );
  return new Map(
    rows.map(({ id, runId, began, finishedAt }) => {
      return [id, { runId, runStartedAt: began.toISOString(), ended: finishedAt !== null }];
    }),
  );
}

/** A video's events after one of them, in their order, as far as they can be read. */
export async function eventsOf(
  database: Database,
  videoId: string,
  page: { after: number; limit: number },
): Promise<StoredEvent[]> {
  return (await eventsAfter(database, videoId, page)).filter((event) => event.event !== null);
}

/** A video's events after one of them, in their order. */
export async function eventsAfter(
  database: Database,
  videoId: string,
  { after, limit }: { after: number; limit: number },
): Promise<(StoredEvent | UnreadEvent)[]> {
  const rows = await database.run((query) =>
    query
      .select()
      .from(events)
      .where(and(eq(events.videoId, videoId), gt(events.id, after)))
      .orderBy(asc(events.id))
      .limit(limit),
  );
  return rows.map((row) => storedEvent(row)[0] ?? unread(row));
}

/** Events of all videos after a place in the order of commits, and how far that is. */
export async function eventsSince(
  database: Database,
  seq: number,
  limit: number,
): Promise<{ events: (StoredEvent | UnreadEvent)[]; upTo: number }> {
  const rows = await database.run((query) =>
    query.select().from(events).where(gt(events.seq, seq)).orderBy(asc(events.seq)).limit(limit),
  );
  return { events: rows.map((row) => storedEvent(row)[0] ?? unread(row)), upTo: rows.at(-1)?.seq ?? seq };
}

/** The newest event's place. */
export async function lastSeq(database: Database): Promise<number> {
  const [cursor] = await database.run((query) => query.select().from(eventCursor));
  return cursor?.value ?? 0;
}

/** What a newer release wrote is left out: it must not keep anybody from the rest. */
function storedEvent(row: typeof events.$inferSelect): StoredEvent[] {
  const event = VideoEvent.safeParse({ type: row.type, ...(row.data as object) });
  if (!event.success) return [];
  return [{ videoId: row.videoId, id: row.id, seq: row.seq, at: row.at.toISOString(), event: event.data }];
}

function recordOf(row: typeof videos.$inferSelect): VideoRecord[] {
  const { lastEventId: _id, updatedAt: _at, waiting: _waiting, ...rest } = row;
  const { runStartedAt, createdAt, finishedAt, ...fields } = rest;
  const record = VideoRecord.safeParse({
    ...fields,
    runStartedAt: runStartedAt.toISOString(),
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  });
  return record.success ? [record.data] : [];
}

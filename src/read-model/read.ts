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

export async function findVideo(database: Database, tenant: string, id: string): Promise<VideoRecord | null> {
  const rows = await database.run((query) =>
    query
      .select()
      .from(videos)
      .where(and(eq(videos.id, id), eq(videos.tenant, tenant))),
  );
  return rows.flatMap(recordOf)[0] ?? null;
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

/** A video's events after one of them, in their order. */
export async function eventsOf(
  database: Database,
  videoId: string,
  { after, limit }: { after: number; limit: number },
): Promise<StoredEvent[]> {
  const rows = await database.run((query) =>
    query
      .select()
      .from(events)
      .where(and(eq(events.videoId, videoId), gt(events.id, after)))
      .orderBy(asc(events.id))
      .limit(limit),
  );
  return rows.flatMap(storedEvent);
}

/** Events of all videos after a place in the order of commits, and how far that is. */
export async function eventsSince(
  database: Database,
  seq: number,
  limit: number,
): Promise<{ events: StoredEvent[]; upTo: number }> {
  const rows = await database.run((query) =>
    query.select().from(events).where(gt(events.seq, seq)).orderBy(asc(events.seq)).limit(limit),
  );
  return { events: rows.flatMap(storedEvent), upTo: rows.at(-1)?.seq ?? seq };
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

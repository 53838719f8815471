import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Sql } from '../database/database.ts';
import { eventCursor, events, scenes, videos } from '../database/schema.ts';
import type { VideoIdentity, VideoRecord } from '../domain/video-record.ts';
import type { VideoEvent } from '../domain/video-event.ts';
import type { ReadModel } from './read-model.ts';
import { noteForReceiver } from '../webhooks/outbox.ts';
import { storable } from './storable.ts';

/** Something that happened, under a key by which a second report of it is known. */
export interface KeyedEvent {
  key: string;
  at: string;
  event: VideoEvent;
}

type Known = Pick<VideoRecord, 'runId' | 'runStartedAt' | 'createdAt' | 'status' | 'finishedAt'> & {
  lastEventId: number;
};
type RowChange = Partial<
  Pick<VideoRecord, 'status' | 'stage' | 'progress' | 'title' | 'result' | 'failure' | 'cost' | 'finishedAt'>
>;

export interface Change {
  video: VideoIdentity;
  events: KeyedEvent[];
  /** What becomes of the row; `news` counts the events that were not known before. */
  row(known: Known, news: number): RowChange;
  /** The run is the video's present one by Temporal's own word: where it is newer than the row's, it takes the row over. */
  isPresent?: boolean;
}

/** How many events were new, or that the row belongs to another run. */
export type Appended = number | 'other_run';

/**
 * The one way anything gets into the read model: row, scenes and events in one transaction. Within a video it goes one
 * after the other, and events get ids 1, 2, 3, …; over all videos `seq` follows the order of the commits. Nothing is
 * added to a video that has ended, but by a run that takes it up again; what an older run still says is not heard.
 */
export async function append({ database, bell }: ReadModel, change: Change): Promise<Appended> {
  const { video, events: reported, row, isPresent = false } = change;
  const appended = await database.transaction(async (query): Promise<Appended> => {
    const known = await lockRow(query, video);
    const isOther = known.runId !== video.runId;
    if (isOther && !(isPresent && video.runStartedAt > known.runStartedAt)) return 'other_run';
    if (!isOther && (isPresent || known.finishedAt !== null)) return 0;
    const fresh = await unknownOf(query, video.id, reported.filter(isNotCopied(known)));
    const changed = row(known, fresh.length);
    const becomes = { ...startOf(video, known), ...columnsOf(changed) };
    await query
      .update(videos)
      .set({ ...becomes, lastEventId: known.lastEventId + fresh.length, updatedAt: sql`now()` })
      .where(eq(videos.id, video.id));
    await noteScenes(query, video.id, fresh);
    await noteForReceiver(query, video, { fresh, known: storable(changed) });
    await insertEvents(query, { video, fresh, lastId: known.lastEventId });
    return fresh.length;
  });
  if (appended !== 'other_run' && appended > 0) bell.ring();
  return appended;
}

/** The row's run, and when it and the video began. */
function startOf(video: VideoIdentity, known: Known) {
  if (known.runId !== video.runId) return { runId: video.runId, runStartedAt: new Date(video.runStartedAt) };
  if (known.createdAt !== known.runStartedAt) return {};
  // The first run. The gateway's clock was near it; Temporal's counts.
  return { createdAt: new Date(video.createdAt), runStartedAt: new Date(video.createdAt) };
}

/** A run that an operator has reset has a copy of the history before: what that tells was told by the run before. */
const isNotCopied =
  ({ createdAt, runStartedAt }: Known) =>
  ({ at }: KeyedEvent): boolean =>
    createdAt === runStartedAt || at >= runStartedAt;

/** The video's row, made if it is new, and held until the transaction ends. */
async function lockRow(query: Sql, video: VideoIdentity): Promise<Known> {
  const row = (await heldRow(query, video.id)) ?? (await newRow(query, video));
  if (row === undefined) throw new Error(`the row of ${video.id} was removed while it was written`);
  return {
    ...{ runId: row.runId, runStartedAt: row.runStartedAt.toISOString(), createdAt: row.createdAt.toISOString() },
    ...{ status: row.status as VideoRecord['status'], lastEventId: row.lastEventId },
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

async function heldRow(query: Sql, id: string) {
  const { runId, runStartedAt, createdAt, status, lastEventId, finishedAt } = videos;
  const [row] = await query
    .select({ runId, runStartedAt, createdAt, status, lastEventId, finishedAt })
    .from(videos)
    .where(eq(videos.id, id))
    .for('update');
  return row;
}

/** Whoever else makes it at the same moment is as welcome. */
async function newRow(query: Sql, { id, tenant, runId, assetType, ...began }: VideoIdentity) {
  const [createdAt, runStartedAt] = [new Date(began.createdAt), new Date(began.runStartedAt)];
  const first = { id, tenant, runId, runStartedAt, assetType, createdAt, status: 'queued', stage: 'script' };
  await query.insert(videos).values(first).onConflictDoNothing();
  return heldRow(query, id);
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
  if (settled.length === 0) return;
  // A scene that a restored run has made anew is what it is now.
  const { videoId: video, branch, sceneId } = scenes;
  const set = { state: sql`excluded.state`, why: sql`excluded.why`, settledAt: sql`excluded.settled_at` };
  await query
    .insert(scenes)
    .values(settled)
    .onConflictDoUpdate({ target: [video, branch, sceneId], set });
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

function columnsOf({ finishedAt, ...change }: RowChange) {
  const end = finishedAt == null ? finishedAt : new Date(finishedAt);
  return { ...storable(change), ...(end === undefined ? {} : { finishedAt: end }) };
}

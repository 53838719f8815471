import assert from 'node:assert/strict';
import { desc, eq } from 'drizzle-orm';
import { events, videos } from '../../src/database/schema.ts';
import { hasEnded } from '../../src/domain/video-record.ts';
import type { VideoStatus } from '../../src/domain/progress.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { until } from '../until.ts';

/** Which statuses a run may be shown under, by Temporal's own word on it. */
const STATUSES: Record<string, VideoStatus[]> = {
  RUNNING: ['queued', 'running', 'cancelling'],
  COMPLETED: ['success', 'partial'],
  FAILED: ['failed'],
  TIMED_OUT: ['failed'],
  CANCELLED: ['cancelled'],
  TERMINATED: ['terminated'],
};

/**
 * Temporal, the API, the row and the last event say the same of a video; its events count from 1 without a gap, each
 * happens once in a run, and nothing comes after an end but that it is restored. The row may be a moment behind: what it says must be right in the end, and stay.
 */
export async function assertAgree(under: StackUnderTest, id: string): Promise<void> {
  const { video: temporal = 'ABSENT' } = await under.executions(id);
  const allowed = STATUSES[temporal] ?? [];
  const { status, finished_at: finishedAt, stage } = await under.video(id);
  assert.ok(allowed.includes(status), `${id} is ${temporal} in Temporal, and ${status} by the API`);

  const read = async () => {
    const [row] = await under.database.run((query) => query.select().from(videos).where(eq(videos.id, id)));
    const [last] = await under.database.run((query) =>
      query.select().from(events).where(eq(events.videoId, id)).orderBy(desc(events.id)).limit(1),
    );
    return { row, last };
  };
  let seen: Awaited<ReturnType<typeof read>> | undefined;
  await until(
    `the row of ${id} says ${status}`,
    async () => {
      seen = await read();
      return seen.row?.status === status && (!hasEnded(status) || seen.last?.type === 'ended');
    },
    { otherwise: () => JSON.stringify(seen) },
  );
  const { row, last } = seen!;
  assert.equal(row?.lastEventId, last?.id, 'the row counts its events');
  if (!hasEnded(status)) return;
  assert.deepEqual(last?.data, { status });
  assert.equal(row?.finishedAt?.toISOString(), finishedAt);
  assert.equal(row?.stage, stage);
  const stored = await under.database.run((query) =>
    query.select().from(events).where(eq(events.videoId, id)).orderBy(events.id),
  );
  assert.deepEqual(
    stored.map((event) => event.id),
    stored.map((_, index) => index + 1),
    'events count from 1 without a gap',
  );
  assert.deepEqual(toldAgain(stored), [], 'what happened is told once');
  const afterEnds = stored.flatMap(({ type }, index) => (type === 'ended' ? [stored[index + 1]?.type ?? null] : []));
  assert.deepEqual(
    afterEnds.map((type) => type ?? 'nothing'),
    [...afterEnds.slice(1).map(() => 'restored'), 'nothing'],
  );
}

/** Events that a run's part of the log has twice. */
function toldAgain(stored: readonly (typeof events.$inferSelect)[]): string[] {
  const seen = new Set<string>();
  return stored.flatMap(({ id, type, data }) => {
    if (type === 'restored') seen.clear();
    const what = JSON.stringify([type, data]);
    return seen.size === seen.add(what).size ? [`${id}: ${what}`] : [];
  });
}

import { and, eq, isNull, lt, or, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { videos } from '../database/schema.ts';
import type { VideoRecord } from '../domain/video-record.ts';

/**
 * Status and stage of a video under way as Temporal has them, where the row has been silent and says otherwise: what was to
 * tell of the change is gone. What happened in between stays untold until the run tells of itself again.
 */
export async function mendState(
  database: Database,
  { id, runId, status, stage }: Pick<VideoRecord, 'id' | 'runId' | 'status' | 'stage'>,
): Promise<void> {
  await database.run((query) =>
    query
      .update(videos)
      .set({ status, stage, updatedAt: sql`now()` })
      .where(
        and(
          eq(videos.id, id),
          eq(videos.runId, runId),
          isNull(videos.finishedAt),
          lt(videos.updatedAt, sql`now() - interval '5 seconds'`),
          or(sql`${videos.status} <> ${status}`, sql`${videos.stage} is distinct from ${stage}`),
        ),
      ),
  );
}

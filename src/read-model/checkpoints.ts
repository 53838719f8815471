import { and, asc, eq, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { checkpoints, events } from '../database/schema.ts';
import type { Checkpoint } from '../domain/checkpoint.ts';
import type { Stage } from '../domain/progress.ts';

/** A point that somebody has named: what this run had made when it passed the checkpoint. */
export interface NamedCheckpoint {
  name: string;
  checkpoint: Checkpoint;
  runId: string;
  createdAt: string;
}

interface Of {
  tenant: string;
  videoId: string;
}

/** In the order in which they were named. */
export async function namedCheckpoints(database: Database, { tenant, videoId }: Of): Promise<NamedCheckpoint[]> {
  const rows = await database.run((query) =>
    query
      .select()
      .from(checkpoints)
      .where(and(eq(checkpoints.tenant, tenant), eq(checkpoints.videoId, videoId)))
      .orderBy(asc(checkpoints.createdAt), asc(checkpoints.name)),
  );
  return rows.map(({ name, checkpoint, runId, createdAt }) => {
    return { name, checkpoint: checkpoint as Checkpoint, runId, createdAt: createdAt.toISOString() };
  });
}

/** False when the video has one of that name, which stays what it is. */
export async function nameCheckpoint(
  database: Database,
  { tenant, videoId }: Of,
  { name, checkpoint, runId }: Omit<NamedCheckpoint, 'createdAt'>,
): Promise<boolean> {
  const written = await database.run((query) =>
    query
      .insert(checkpoints)
      .values({ tenant, videoId, name, checkpoint, runId })
      .onConflictDoNothing()
      .returning({ name: checkpoints.name }),
  );
  return written.length > 0;
}

/** When a video last left each stage. */
export async function stagesLeft(database: Database, videoId: string): Promise<Map<Stage, string>> {
  const rows = await database.run((query) =>
    query
      .select({ stage: sql<Stage>`${events.data}->>'stage'`, at: sql<string>`max(${events.at})` })
      .from(events)
      .where(and(eq(events.videoId, videoId), eq(events.type, 'stage_left')))
      .groupBy(sql`${events.data}->>'stage'`),
  );
  return new Map(rows.map(({ stage, at }) => [stage, new Date(at).toISOString()]));
}

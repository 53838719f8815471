import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { videos } from '../database/schema.ts';
import { ASSET_TYPES, type AssetType } from '../domain/video-spec.ts';

/** What became of videos in a stretch of time; the cost is in CNY. */
export interface Figures {
  requested: number;
  ended: Record<'success' | 'partial' | 'failed' | 'cancelled' | 'terminated', number>;
  /** Of finished films, from the start of the last run to its end; null without any. */
  seconds: { mean: number; p95: number; max: number } | null;
  costTotal: number;
}

export interface FiguresByType {
  all: Figures;
  byAssetType: Record<AssetType, Figures>;
}

/** By the database's clock, which also wrote most of these times. @throws DatabaseUnavailable */
export async function figuresSince(database: Database, tenant: string, since: Date): Promise<FiguresByType> {
  const { createdAt, finishedAt, runStartedAt, status, result, cost } = videos;
  const from = since.toISOString();
  const isEnded = sql`${finishedAt} >= ${from}`;
  const ended = (name: string) => sql`count(*) filter (where ${isEnded} and ${status} = ${name})::int`;
  const isFilm = sql`${isEnded} and ${status} in ('success', 'partial')`;
  const seconds = sql`extract(epoch from ${finishedAt} - ${runStartedAt})::float8`;
  const paid = sql`coalesce(${result} -> 'cost' ->> 'total', ${cost} ->> 'total', '0')::float8`;
  const { rows } = await database.run((query) =>
    query.execute<FiguresRow>(sql`
      select asset_type as type,
        count(*) filter (where ${createdAt} >= ${from})::int as requested,
        ${ended('success')} as success, ${ended('partial')} as partial, ${ended('failed')} as failed,
        ${ended('cancelled')} as cancelled, ${ended('terminated')} as terminated,
        avg(${seconds}) filter (where ${isFilm}) as mean,
        percentile_cont(0.95) within group (order by ${seconds}) filter (where ${isFilm}) as p95,
        max(${seconds}) filter (where ${isFilm}) as max,
        coalesce(sum(${paid}) filter (where ${isEnded}), 0)::float8 as cost
      from ${videos}
      where ${videos.tenant} = ${tenant} and (${createdAt} >= ${from} or ${isEnded})
      group by grouping sets ((asset_type), ())`),
  );
  const figures = (type: string | null): Figures => figuresOf(rows.find((row) => row.type === type));
  const byType = ASSET_TYPES.map((type) => [type, figures(type)]);
  return { all: figures(null), byAssetType: Object.fromEntries(byType) as FiguresByType['byAssetType'] };
}

interface FiguresRow extends Record<string, unknown> {
  /** Null: of all types. */
  type: string | null;
  requested: number;
  success: number;
  partial: number;
  failed: number;
  cancelled: number;
  terminated: number;
  mean: number | null;
  p95: number | null;
  max: number | null;
  cost: number;
}

function figuresOf(row: FiguresRow | undefined): Figures {
  const { mean, p95, max } = row ?? { mean: null, p95: null, max: null };
  return {
    requested: row?.requested ?? 0,
    ended: {
      success: row?.success ?? 0,
      partial: row?.partial ?? 0,
      failed: row?.failed ?? 0,
      cancelled: row?.cancelled ?? 0,
      terminated: row?.terminated ?? 0,
    },
    seconds: mean === null || p95 === null || max === null ? null : { mean, p95, max },
    costTotal: row?.cost ?? 0,
  };
}

/** How many videos are under way, by status. @throws DatabaseUnavailable */
export async function countUnderWay(
  database: Database,
  tenant: string,
): Promise<Record<'queued' | 'running' | 'cancelling', number>> {
  const { rows } = await database.run((query) =>
    query.execute<{ status: string; count: number }>(sql`
      select ${videos.status}, count(*)::int as count from ${videos}
      where ${videos.tenant} = ${tenant} and ${videos.finishedAt} is null group by 1`),
  );
  const of = (status: string): number => rows.find((row) => row.status === status)?.count ?? 0;
  return { queued: of('queued'), running: of('running'), cancelling: of('cancelling') };
}

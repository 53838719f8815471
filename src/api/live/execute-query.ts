import { QUERIES, type QueryName, type QueryParams, type QueryRow } from '../../contract/queries.ts';
import { STATS_WINDOWS, type StatsWindow } from '../../contract/stats.ts';
import type { Database } from '../../database/database.ts';
import { degradationsSince, failuresSince, slowestSince, spendingSince } from '../../read-model/queries.ts';
import { nearestStills } from '../../store/nearest-stills.ts';
import type { Videos } from '../read-videos.ts';
import { checkedParams } from './handlers.ts';

export interface QueryDeps {
  videos: Videos;
  tenant: string;
  clock: () => Date;
}

type Runs = {
  [Name in QueryName]: (
    database: Database,
    asked: { tenant: string; since: (window: StatsWindow) => Date; params: QueryParams<Name> },
  ) => Promise<QueryRow<Name>[]>;
};

const RUNS: Runs = {
  similar_pictures: (database, { tenant, params }) => nearestStills(database, { tenant, ...params }),
  failures: (database, { tenant, since, params }) =>
    failuresSince(database, { tenant, since: since(params.window), limit: params.limit }),
  degradations: (database, { tenant, since, params }) =>
    degradationsSince(database, { tenant, since: since(params.window), limit: params.limit }),
  spending: (database, { tenant, since, params }) =>
    spendingSince(database, { tenant, since: since(params.window), limit: params.limit }),
  slowest_videos: (database, { tenant, since, params }) =>
    slowestSince(database, { tenant, since: since(params.window), limit: params.limit }),
};

/** The rows of a declared query. @throws ApiError INVALID_REQUEST, DATABASE_UNAVAILABLE */
export async function executeQuery(
  { videos, tenant, clock }: QueryDeps,
  { query, params }: { query: QueryName; params: unknown },
): Promise<Record<string, unknown>[]> {
  const checked = checkedParams(QUERIES[query].params, params);
  const since = (window: StatsWindow): Date => new Date(clock().getTime() - STATS_WINDOWS[window] * 1000);
  const run = RUNS[query] as (database: Database, asked: unknown) => Promise<Record<string, unknown>[]>;
  return videos.ask((database) => run(database, { tenant, since, params: checked }));
}

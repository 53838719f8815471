import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { purchases, videos } from '../database/schema.ts';
import type { PurchasePurpose } from '../domain/ledger-line.ts';

interface Asked {
  tenant: string;
  since: Date;
  limit: number;
}

const endedSince = ({ tenant, since }: Asked) =>
  sql`${videos.tenant} = ${tenant} and ${videos.finishedAt} >= ${since.toISOString()}`;

const iso = (time: Date | string): string => new Date(time).toISOString();

/** Why videos failed, the most frequent first. @throws DatabaseUnavailable */
export async function failuresSince(database: Database, asked: Asked) {
  const { rows } = await database.run((query) =>
    query.execute<{ code: string; videos: number; last: string }>(sql`
      select coalesce(${videos.failure} ->> 'code', 'RUN_FAILED') as code, count(*)::int as videos,
        max(${videos.finishedAt}) as last
      from ${videos} where ${endedSince(asked)} and ${videos.status} = 'failed'
      group by 1 order by 2 desc, 1 limit ${asked.limit}`),
  );
  return rows.map(({ code, videos: count, last }) => ({ code, videos: count, last_at: iso(last) }));
}

/** What was substituted in finished films, the most frequent first. @throws DatabaseUnavailable */
export async function degradationsSince(database: Database, asked: Asked) {
  const { rows } = await database.run((query) =>
    query.execute<{ what: string; why: string; count: number; videos: number }>(sql`
      select line ->> 'what' as what, line ->> 'why' as why, count(*)::int as count,
        count(distinct ${videos.id})::int as videos
      from ${videos}, jsonb_array_elements(${videos.result} -> 'degradations') line
      where ${endedSince(asked)} and ${videos.status} in ('success', 'partial')
      group by 1, 2 order by 3 desc, 1, 2 limit ${asked.limit}`),
  );
  return rows;
}

/** What was paid, by purpose and model, the dearest first. @throws DatabaseUnavailable */
export async function spendingSince(database: Database, { tenant, since, limit }: Asked) {
  const { rows } = await database.run((query) =>
    query.execute<{ purpose: PurchasePurpose; model: string; channel: string; calls: number; price: number }>(sql`
      select ${purchases.purpose}, ${purchases.model}, ${purchases.channel}, count(*)::int as calls,
        sum(${purchases.price})::float8 as price
      from ${purchases}
      where ${purchases.tenant} = ${tenant} and ${purchases.openedAt} >= ${since.toISOString()}
        and ${purchases.state} in ('answered', 'unknown')
      group by 1, 2, 3 order by 5 desc, 1, 2, 3 limit ${limit}`),
  );
  return rows;
}

/** The films that took longest, from the start of their last run. @throws DatabaseUnavailable */
export async function slowestSince(database: Database, asked: Asked) {
  const { rows } = await database.run((query) =>
    query.execute<{ id: string; status: 'success' | 'partial'; seconds: number; finished: string }>(sql`
      select ${videos.id}, ${videos.status}, ${videos.finishedAt} as finished,
        extract(epoch from ${videos.finishedAt} - ${videos.runStartedAt})::float8 as seconds
      from ${videos} where ${endedSince(asked)} and ${videos.status} in ('success', 'partial')
      order by seconds desc, ${videos.id} limit ${asked.limit}`),
  );
  return rows.map(({ finished, ...row }) => ({ ...row, finished_at: iso(finished) }));
}

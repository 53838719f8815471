import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { purchases } from '../database/schema.ts';

/** The newest narration that a tenant has bought with each voice: the asset’s sha256 by voice. */
export async function newestOfVoices(database: Database, tenant: string): Promise<Map<string, string>> {
  const { answer, settledAt } = purchases;
  const { rows } = await database.run((query) =>
    query.execute<{ voice: string; sha256: string }>(sql`
      select distinct on (1) ${answer} ->> 'voice' as voice, ${answer} -> 'audio' ->> 'sha256' as sha256
      from ${purchases}
      where ${purchases.tenant} = ${tenant} and ${purchases.purpose} = 'narration' and ${purchases.state} = 'answered'
        and ${answer} is not null and ${answer} ->> 'voice' is not null
      order by 1, ${settledAt} desc`),
  );
  return new Map(rows.map(({ voice, sha256 }) => [voice, sha256]));
}

import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { stills } from '../database/schema.ts';
import { normalizedStyle } from './still-catalogue.ts';

/** The newest picture that a tenant has bought in each of these styles, by style; those without one are not in it. */
export async function newestOfStyles(
  database: Database,
  tenant: string,
  styles: readonly string[],
): Promise<Map<string, string>> {
  const wanted = styles.map(normalizedStyle);
  const rows = await database.run((query) =>
    query
      .selectDistinctOn([stills.style], { style: stills.style, sha256: stills.sha256 })
      .from(stills)
      .where(and(eq(stills.tenant, tenant), inArray(stills.style, wanted)))
      .orderBy(stills.style, desc(stills.createdAt)),
  );
  const found = new Map(rows.map(({ style, sha256 }) => [style, sha256]));
  return new Map(
    styles.flatMap((style) => {
      const sha256 = found.get(normalizedStyle(style));
      return sha256 === undefined ? [] : [[style, sha256]];
    }),
  );
}

import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { assets } from '../database/schema.ts';
import type { AssetRef } from '../domain/asset.ts';

/**
 * A video is about to be made of these: whatever becomes of the upload or film they are from, they are kept for as long
 * as a run may last. @throws DatabaseUnavailable.
 */
export async function noteUse(database: Database, tenant: string, used: AssetRef[]): Promise<void> {
  if (used.length === 0) return;
  const bySha256 = new Map(used.map((asset) => [asset.sha256, asset]));
  const rows = [...bySha256.values()].map(({ sha256, mediaType, sizeBytes }) => ({
    ...{ tenant, sha256, mediaType, sizeBytes, origin: 'made' as const },
  }));
  await database.run(async (query) => {
    await query
      .insert(assets)
      .values(rows)
      .onConflictDoUpdate({ target: [assets.tenant, assets.sha256], set: { lastUsedAt: sql`now()` } });
  });
}

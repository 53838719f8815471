import { and, desc, eq, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { stills } from '../database/schema.ts';
import { vectorText } from '../database/vector-column.ts';
import { LOCAL_EMBEDDER } from '../domain/local-embedding.ts';

/**
 * A tenant's bought pictures by how near their prompts are to a text, by cosine. Only those whose direction was made
 * here: asking costs nothing. @throws DatabaseUnavailable
 */
export async function nearestStills(
  database: Database,
  { tenant, text, limit }: { tenant: string; text: string; limit: number },
) {
  const direction = await LOCAL_EMBEDDER.embed({ tenant, videoId: '', sceneId: '', prompt: text });
  if (direction === null) return [];
  const distance = sql<number>`${stills.embedding} <=> ${vectorText(direction.values)}::vector`;
  return database.run((query) =>
    query
      .select({
        ...{ video_id: stills.videoId, scene_id: stills.sceneId, asset_id: stills.sha256 },
        cosine: sql<number>`1 - (${distance})`.mapWith(Number),
        ...{ style: stills.style, aspect_ratio: stills.aspectRatio },
      })
      .from(stills)
      .where(and(eq(stills.tenant, tenant), eq(stills.embeddingModel, direction.model)))
      .orderBy(distance, desc(stills.createdAt), stills.videoId, stills.sceneId)
      .limit(limit),
  );
}

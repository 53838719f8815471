import { z } from 'zod';
import { recordToSummary } from '../../contract/record-to-wire.ts';
import { ASSET_TYPE_WORDS } from '../../contract/video-request.ts';
import type { VideoList, VideoListQuery } from '../../contract/video.ts';
import { ApiError } from '../api-error.ts';
import type { Videos } from '../read-videos.ts';
import type { TemporalGate } from '../temporal-gate.ts';
import { listRuns } from './list-runs.ts';
import { openCursor, sealCursor, type Sealing } from './page-cursor.ts';

export interface ListDeps {
  gate: TemporalGate;
  videos: Videos;
  secret: string;
}

/** Where a page ended: in the read model's order, or in Temporal's own words. */
const PageToken = z.union([
  z.strictObject({ createdAt: z.iso.datetime(), id: z.string() }),
  z.strictObject({ temporal: z.base64() }),
]);
type PageToken = z.infer<typeof PageToken>;

/** Newest first, from the read model; from Temporal while the database is away. A list goes on where it was begun. */
export async function listVideos(deps: ListDeps, tenant: string, query: VideoListQuery): Promise<VideoList> {
  const { status, asset_type: type, limit } = query;
  const sealing: Sealing = { of: JSON.stringify([tenant, status, type]), secret: deps.secret };
  const from = query.cursor === undefined ? null : readToken(query.cursor, sealing);
  const next = (token: PageToken): string => sealCursor(Buffer.from(JSON.stringify(token)), sealing);

  if (from === null || 'id' in from) {
    const assetType = type === undefined ? undefined : ASSET_TYPE_WORDS[type];
    const records = await deps.videos.list({ tenant, status, assetType, limit: limit + 1, after: from });
    if (records !== undefined) {
      const page = records.slice(0, limit);
      const last = page.at(-1);
      const more = records.length > limit && last !== undefined;
      return {
        videos: page.map(recordToSummary),
        next_cursor: more ? next({ createdAt: last.createdAt, id: last.id }) : null,
      };
    }
    if (from !== null)
      throw new ApiError('DATABASE_UNAVAILABLE', 'The list cannot be continued while the database is away. Try again.');
  }
  const pageToken = from === null ? Buffer.alloc(0) : Buffer.from(from.temporal, 'base64');
  const { videos, nextPageToken } = await listRuns(deps.gate, { tenant, query, pageToken });
  const more = nextPageToken.length > 0;
  return { videos, next_cursor: more ? next({ temporal: nextPageToken.toString('base64') }) : null };
}

function readToken(cursor: string, sealing: Sealing): PageToken {
  return PageToken.parse(JSON.parse(openCursor(cursor, sealing).toString('utf8')));
}

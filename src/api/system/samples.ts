import type { Database } from '../../database/database.ts';
import type { AssetStore } from '../../store/asset-store.ts';
import { ApiError } from '../api-error.ts';
import type { Videos } from '../read-videos.ts';

export interface SampleDeps {
  videos: Videos;
  store: Pick<AssetStore, 'find'>;
  /** Where an asset is found. */
  urlOf: (sha256: string) => string;
}

/**
 * Addresses of samples that are still stored, by what they are samples of. A list of choices is worth having without
 * them: while the database is away there are none.
 */
export async function sampleUrls(
  { videos, store, urlOf }: SampleDeps,
  newest: (database: Database) => Promise<Map<string, string>>,
): Promise<Map<string, string>> {
  const samples = await videos.ask(newest).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'DATABASE_UNAVAILABLE') return new Map<string, string>();
    throw error;
  });
  const stored = await Promise.all(
    [...samples].map(async ([of, sha256]) =>
      (await store.find(sha256)) === null ? [] : [[of, urlOf(sha256)] as const],
    ),
  );
  return new Map(stored.flat());
}

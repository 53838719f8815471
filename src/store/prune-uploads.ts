import type { AssetStore } from './asset-store.ts';
import type { UploadIndex } from './upload-index.ts';

export interface PruneUploadsOptions {
  uploads: UploadIndex;
  assets: AssetStore;
  before: Date;
  /** Counts only. */
  dryRun: boolean;
}

/**
 * Forgets uploads that were admitted before, by a gateway that died, and whose bytes never came; and of those that users
 * have forgotten before, the rest. Resolves to how many never came.
 */
export async function pruneUploads({ uploads, assets, before, dryRun }: PruneUploadsOptions): Promise<number> {
  let forgotten = 0;
  for await (const upload of uploads.list()) {
    if (upload.addedAt >= before || (await assets.find(upload.sha256)) !== null) continue;
    if (!dryRun) await uploads.remove(upload);
    forgotten += 1;
  }
  if (!dryRun) await uploads.dropForgotten(before);
  return forgotten;
}

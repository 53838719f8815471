import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import type { UploadIndex } from './upload-index.ts';

export interface UploadLimits {
  /** Of one tenant, all kept uploads together. */
  maxCount: number;
  maxTotalBytes: number;
}

/**
 * Counts an upload before its bytes are stored: noted first and counted then, so that of many at once, through whatever
 * gateways, never more are kept than allowed (at the very limit two may refuse each other).
 * @returns a function for `AssetStore.put`'s `admit`; it throws PermanentError `too_many_uploads`.
 */
export function admitUpload(
  index: UploadIndex,
  { tenant, limits }: { tenant: string; limits: UploadLimits },
): (ref: AssetRef) => Promise<void> {
  return async ({ sha256, sizeBytes }) => {
    const isNew = await index.add({ tenant, sha256, sizeBytes });
    if (!isNew) return; // counted already
    let count = 0;
    let totalBytes = 0;
    for await (const upload of index.list(tenant)) {
      count += 1;
      totalBytes += upload.sizeBytes;
    }
    if (count <= limits.maxCount && totalBytes <= limits.maxTotalBytes) return;
    await index.remove({ tenant, sha256 });
    const what =
      count > limits.maxCount
        ? `${limits.maxCount} uploads (MAX_UPLOADS)`
        : `${Math.floor(limits.maxTotalBytes / 1024 ** 2)} MB of uploads (MAX_UPLOADS_TOTAL_MB)`;
    throw new PermanentError('too_many_uploads', `There is room for ${what}.`);
  };
}

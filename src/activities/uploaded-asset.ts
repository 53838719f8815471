import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import type { AssetStore } from '../store/asset-store.ts';

/**
 * What a user uploaded, by its hash.
 * @throws PermanentError `asset_missing`: the gateway has seen it, but the store may have lost it since.
 */
export async function uploadedAsset(
  assets: AssetStore,
  { sha256, calledInErrors = 'What was uploaded' }: { sha256: string; calledInErrors?: string },
): Promise<AssetRef> {
  const asset = await assets.find(sha256);
  if (asset === null)
    throw new PermanentError('asset_missing', `${calledInErrors} is not in the asset store any more.`);
  return asset;
}

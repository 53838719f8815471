import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';

const named = ({ sha256, mediaType }: AssetRef): string => `${sha256.slice(0, 12)} (${mediaType})`;

export const assetMissing = (ref: AssetRef): PermanentError =>
  new PermanentError('asset_missing', `The content of asset ${named(ref)} is not in the asset store.`);

export const assetDamaged = (ref: AssetRef): PermanentError =>
  new PermanentError('asset_damaged', `The content of asset ${named(ref)} is damaged: putting it again mends it.`);

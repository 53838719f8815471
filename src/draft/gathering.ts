import { stat } from 'node:fs/promises';
import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import type { Timeline } from '../timeline/timeline.ts';

/** What the steps that bring media into a draft share. */
export interface Gathering {
  timeline: Timeline;
  /** The draft's folder while it is made. */
  folder: string;
  /** The local file of an asset. */
  assetPath: (asset: AssetRef) => string;
  /** The command. */
  ffmpeg: string;
  signal: AbortSignal;
}

/** @throws PermanentError `asset_missing` when the store has lost the file. */
export async function existingAsset(asset: AssetRef, { assetPath }: Gathering): Promise<string> {
  const path = assetPath(asset);
  const found = await stat(path).catch(() => null);
  if (found === null)
    throw new PermanentError('asset_missing', `The file of asset ${asset.sha256.slice(0, 12)} is missing.`);
  return path;
}

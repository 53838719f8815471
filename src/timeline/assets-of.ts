import type { AssetRef } from '../domain/asset.ts';
import type { Timeline } from './timeline.ts';

/** What a reader of the timeline needs as files: pictures, narration and music; each once. */
export function assetsOf({ tracks }: Timeline): AssetRef[] {
  const sources = [...tracks.pictures, ...tracks.music].flatMap(({ source }) =>
    'asset' in source ? [source.asset] : [],
  );
  const assets = [...sources, ...tracks.narration.map(({ asset }) => asset)];
  return [...new Map(assets.map((asset) => [asset.sha256, asset])).values()];
}

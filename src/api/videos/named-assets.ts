import type { FieldFault } from '../../contract/error-body.ts';
import type { AssetRef } from '../../domain/asset.ts';
import type { VideoSpec } from '../../domain/video-spec.ts';
import type { AssetStore } from '../../store/asset-store.ts';

const KIND_WORDS = { audio: 'a sound', image: 'a picture', video: 'a clip' };

interface NamedAsset {
  field: string;
  id: string | null;
  kind: keyof typeof KIND_WORDS;
}

/** What of a wish names assets. */
export type NamingAssets = Pick<VideoSpec, 'bgm' | 'referenceImage'> & {
  ownMaterial: Pick<VideoSpec['ownMaterial'][number], 'picture' | 'clip' | 'narration'>[];
};

/** Each asset a request names that is not here, or not what its field takes. */
export async function unusableAssets(store: AssetStore, wish: NamingAssets): Promise<FieldFault[]> {
  const faults = await Promise.all(namedAssets(wish).map((named) => faultOf(store, named)));
  return faults.filter((fault) => fault !== null);
}

/** The assets that a request names, as far as they are here. */
export async function findNamedAssets(store: AssetStore, wish: NamingAssets): Promise<AssetRef[]> {
  const found = await Promise.all(namedAssets(wish).map(({ id }) => (id === null ? null : store.find(id))));
  return found.filter((asset) => asset !== null);
}

function namedAssets({ bgm, ownMaterial, referenceImage }: NamingAssets): NamedAsset[] {
  return [
    { field: 'bgm', id: bgm === 'auto' || bgm === 'none' ? null : bgm, kind: 'audio' },
    { field: 'reference_image', id: referenceImage, kind: 'image' },
    ...ownMaterial.flatMap(({ picture, clip = null, narration }, index): NamedAsset[] => [
      { field: `scenes.${index}.picture`, id: picture, kind: 'image' },
      { field: `scenes.${index}.clip`, id: clip, kind: 'video' },
      { field: `scenes.${index}.narration`, id: narration, kind: 'audio' },
    ]),
  ];
}

async function faultOf(store: AssetStore, { field, id, kind }: NamedAsset): Promise<FieldFault | null> {
  if (id === null) return null;
  const asset = await store.find(id);
  if (asset === null) return { field, message: 'names no asset here: upload it to /api/v1/assets first' };
  if (asset.mediaType.startsWith(`${kind}/`)) return null;
  return {
    field,
    message: `names an asset of type ${asset.mediaType}: send the id of ${KIND_WORDS[kind]}`,
  };
}

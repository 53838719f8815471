import type { Material } from './format.ts';
import { openingPath } from './folder-layout.ts';
import type { IdOf } from './ids.ts';
import type { SoundMedia } from './media.ts';

/** A sound file as the apps list it. */
export function soundOf(
  { file, durationUs }: SoundMedia,
  { placedAt, idOf }: { placedAt: string; idOf: IdOf },
): Material {
  const id = idOf('material', file);
  return {
    id,
    music_id: id,
    local_material_id: idOf('pool', file),
    type: 'extract_music',
    name: file.split('/').at(-1)!,
    path: openingPath(placedAt, file),
    duration: durationUs,
    app_id: 0,
    category_id: '',
    category_name: 'local',
    check_flag: 3,
    copyright_limit_type: 'none',
    effect_id: '',
    formula_id: '',
    source_platform: 0,
    wave_points: [],
  };
}

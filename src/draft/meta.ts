import type { DraftContent } from './content.ts';
import { COVER_FILE, slashed } from './folder-layout.ts';
import type { IdOf } from './ids.ts';
import type { Material } from './format.ts';

/** How long the apps list a picture of the media pool. */
const POOL_PHOTO_US = 5_000_000;

export interface MetaOptions {
  placedAt: string;
  idOf: IdOf;
  createdAtMs: number;
  /** Bytes of all media. */
  mediaBytes: number;
}

/** What the app's home screen and its media pool read: without the pool, newer versions ask for every file anew. */
export function draftMeta(content: DraftContent, { placedAt, idOf, createdAtMs, mediaBytes }: MetaOptions): object {
  const media = [...(content.materials['videos'] ?? []), ...(content.materials['audios'] ?? [])];
  const folder = slashed(placedAt);
  return {
    ...CONSTANTS,
    draft_id: idOf('meta'),
    draft_name: content['name'],
    draft_cover: COVER_FILE,
    draft_fold_path: folder,
    draft_root_path: folder.slice(0, folder.lastIndexOf('/')),
    draft_materials: [
      { type: 0, value: media.map((material) => poolEntry(material, createdAtMs)) },
      ...[1, 2, 3, 6, 7, 8].map((type) => ({ type, value: [] })),
    ],
    draft_timeline_materials_size_: mediaBytes,
    tm_draft_create: createdAtMs * 1000,
    tm_draft_modified: createdAtMs * 1000,
    tm_duration: content.duration,
  };
}

function poolEntry(material: Material, createdAtMs: number): object {
  const kind = material['type'];
  const isPhoto = kind === 'photo';
  const path = String(material['path']);
  return {
    id: material['local_material_id'],
    type: 0,
    metetype: kind === 'photo' || kind === 'video' ? kind : 'music',
    file_Path: path,
    extra_info: path.slice(path.lastIndexOf('/') + 1),
    duration: isPhoto ? POOL_PHOTO_US : material['duration'],
    width: material['width'] ?? 0,
    height: material['height'] ?? 0,
    create_time: Math.floor(createdAtMs / 1000),
    import_time: Math.floor(createdAtMs / 1000),
    // Microseconds, whatever its name says.
    import_time_ms: createdAtMs * 1000,
    item_source: 1,
    md5: '',
    roughcut_time_range: { start: -1, duration: -1 },
    sub_time_range: { start: -1, duration: -1 },
  };
}

const CONSTANTS = {
  cloud_package_completed_time: '',
  draft_cloud_capcut_purchase_info: '',
  draft_cloud_last_action_download: false,
  draft_cloud_materials: [],
  draft_cloud_purchase_info: '',
  draft_cloud_template_id: '',
  draft_cloud_tutorial_info: '',
  draft_cloud_videocut_purchase_info: '',
  draft_deeplink_url: '',
  draft_enterprise_info: {
    draft_enterprise_extra: '',
    draft_enterprise_id: '',
    draft_enterprise_name: '',
    enterprise_material: [],
  },
  draft_is_ai_packaging_used: false,
  draft_is_ai_shorts: false,
  draft_is_ai_translate: false,
  draft_is_article_video_draft: false,
  draft_is_from_deeplink: 'false',
  draft_is_invisible: false,
  draft_materials_copied_info: [],
  draft_new_version: '',
  draft_removable_storage_device: '',
  draft_segment_extra_info: [],
  draft_type: '',
  tm_draft_cloud_completed: '',
  tm_draft_cloud_modified: 0,
  tm_draft_removed: 0,
};

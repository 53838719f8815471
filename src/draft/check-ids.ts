import { poolOf, type ContentFile, type MetaFile } from './read-draft.ts';
import { refuseDraft } from './refuse-draft.ts';

/** Every id once, and everything that is named is there. */
export function checkIds(content: ContentFile): void {
  const materials = new Set<string>();
  const all = new Set<string>();
  const add = (id: string): void => {
    if (all.has(id)) refuseDraft('draft_duplicate_id', `${id} names two things`);
    all.add(id);
  };
  for (const id of idsOfMaterials(content)) {
    add(id);
    materials.add(id);
  }
  for (const track of content.tracks) {
    add(track.id);
    for (const [index, segment] of track.segments.entries()) {
      add(segment.id);
      const name = `${track.name ?? track.type} ${index + 1}`;
      if (!materials.has(segment.material_id)) refuseDraft('draft_dangling_id', `the material of ${name} is missing`);
      // Texts of other writers name a speed that is not there: no app minds (wire/capcut.md 3.5).
      const refs = track.type === 'text' ? [] : (segment.extra_material_refs ?? []);
      if (refs.some((id) => !materials.has(id)))
        refuseDraft('draft_dangling_id', `${name} names something that is missing`);
    }
  }
}

/** Newer apps ask for every file anew that the media pool does not list. */
export function checkPool({ materials }: ContentFile, meta: MetaFile): void {
  const pool = new Map(poolOf(meta).map((entry) => [entry.id, entry.file_Path]));
  for (const { path, local_material_id: id } of [...materials.videos, ...materials.audios]) {
    if (id == null || pool.get(id) !== path) refuseDraft('draft_media_pool', `${path} is not in the media pool`);
  }
}

function idsOfMaterials({ materials }: ContentFile): string[] {
  return Object.values(materials).flatMap((section) => {
    if (!Array.isArray(section)) return [];
    return section.flatMap((entry: unknown) => {
      const id = (entry as { id?: unknown } | null)?.id;
      return typeof id === 'string' ? [id] : [];
    });
  });
}

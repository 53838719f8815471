import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { contentOf } from './content.ts';
import { fetchMedia, measure } from './media.ts';
import type { MediaMaterial, Script } from './script.ts';

export interface SaveTask {
  status: 'initialized' | 'processing' | 'completed' | 'failed';
  message: string;
  progress: number;
  completed_files: number;
  total_files: number;
  draft_url: string;
}

const PLACES: Record<MediaMaterial['kind'], string> = { photo: 'image', video: 'video', audio: 'audio' };

/** Measures the media where they are, fetches them, and writes the folder; what cannot be had is not there, that is all. */
export async function saveDraft(
  script: Script,
  { id, folder, home, task }: { id: string; folder: string | null; home: string; task: SaveTask },
): Promise<void> {
  Object.assign(task, { status: 'processing', message: 'Preparing draft files' });
  const draft = path.join(folder ?? home, id);
  await rm(draft, { recursive: true, force: true });
  await writeTemplate(draft);
  Object.assign(task, { message: 'Updating media file metadata', progress: 5 });
  for (const material of script.media) {
    await measure(material).catch(() => {
      if (material.kind !== 'audio') Object.assign(material, { width: 1920, height: 1080 });
    });
    if (material.kind !== 'photo') script.remeasure(material);
  }
  script.settle();
  Object.assign(task, { progress: 10, total_files: script.media.length });
  for (const material of script.media) {
    const file = path.join('assets', PLACES[material.kind], material.name);
    if (folder !== null) material.path = `${folder}/${id}/${file}`;
    await mkdir(path.dirname(path.join(draft, file)), { recursive: true });
    // Counted whether or not it came.
    await fetchMedia(material.url, path.join(draft, file)).catch(() => {});
    task.completed_files += 1;
  }
  Object.assign(task, { message: 'Saving draft information', progress: 70 });
  await writeFile(path.join(draft, 'draft_info.json'), JSON.stringify(contentOf(script), null, 4));
  Object.assign(task, { status: 'completed', message: 'Draft creation completed', progress: 100 });
}

/** Of the template's author: nothing in it is of this draft, and its copy of the tracks is never brought up to date. */
async function writeTemplate(draft: string): Promise<void> {
  await mkdir(draft, { recursive: true });
  const stale = { id: 'stale', tracks: [], materials: {}, name: 'template' };
  await writeFile(path.join(draft, 'template-2.tmp'), JSON.stringify(stale));
  await writeFile(path.join(draft, 'draft_info.json.bak'), JSON.stringify(stale));
  await writeFile(
    path.join(draft, 'draft_meta_info.json'),
    JSON.stringify({
      ...{ draft_id: 'A0D3F2E1-0000-4000-8000-0123456789AB', draft_name: '0117' },
      ...{ draft_fold_path: '/Users/author/Movies/0117', draft_root_path: '/Users/author/Movies' },
      draft_materials: [{ type: 0, value: [] }],
    }),
  );
  await writeFile(path.join(draft, 'draft_settings'), '[General]\ncloud_last_modify_platform=mac\n');
}

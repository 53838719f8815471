import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Timeline } from '../timeline/timeline.ts';
import type { DraftContent } from './content.ts';
import { CONTENT_FILES, MEDIA_FOLDER, META_FILE, openingPath } from './folder-layout.ts';
import type { IdOf } from './ids.ts';
import { draftMeta } from './meta.ts';
import { readContent, type ContentFile } from './read-draft.ts';
import { refuseDraft } from './refuse-draft.ts';
import { wellFormed } from './text-material.ts';
import { writeSynced } from './write-synced.ts';
import { filesIn } from './zip-draft.ts';

interface Completion {
  timeline: Timeline;
  placedAt: string;
  idOf: IdOf;
  createdAtMs: number;
}

/** Files of the author of a template, which newer apps open in place of the draft. */
const STALE = /\.(?:tmp|bak)$/;
/** What names the machine that a template was made on. */
const MACHINE = ['device_id', 'hard_disk_id', 'mac_address'];

/**
 * Adds to a draft that another program wrote from the Timeline what it does not know or leaves to chance: where the
 * draft will lie, its name and rate, its media pool. Cuts, texts, sounds and motions stay as they are.
 * @throws PermanentError when there is no draft of that kind in the folder.
 */
export async function completeDraft(folder: string, completion: Completion): Promise<void> {
  const files = await filesIn(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return refuseDraft('not_a_draft', `there is none in ${folder}`);
  });
  const { name, content } = await madeContent(folder, files);
  const before = await readFile(join(folder, name));
  complete(content, { ...completion, isMirrored: files.some((file) => file.startsWith('Timelines/')) });
  const json = JSON.stringify(content);
  const media = files.filter((file) => file.startsWith(`${MEDIA_FOLDER}/`));
  for (const file of files) {
    if (media.includes(file)) continue;
    const path = join(folder, file);
    if (before.equals(await readFile(path))) await writeSynced(path, json);
    else if (STALE.test(file)) await rm(path);
  }
  for (const each of CONTENT_FILES) await writeSynced(join(folder, each), json);
  const sizes = await Promise.all(media.map(async (file) => (await stat(join(folder, file))).size));
  const mediaBytes = sizes.reduce((total, size) => total + size, 0);
  const meta = draftMeta(content as unknown as DraftContent, { ...completion, mediaBytes });
  await writeSynced(join(folder, META_FILE), JSON.stringify(meta));
}

/** Under which of the two names it was written depends on the program; a template may have the other one, without tracks. */
async function madeContent(folder: string, files: readonly string[]): Promise<{ name: string; content: ContentFile }> {
  for (const name of CONTENT_FILES) {
    if (!files.includes(name)) continue;
    const content = await readContent(folder, name);
    if (content.tracks.some(({ segments }) => segments.length > 0)) return { name, content };
  }
  return refuseDraft('not_a_draft', `there is none with anything in it in ${folder}`);
}

function complete(
  content: ContentFile,
  { timeline, placedAt, idOf, isMirrored }: Completion & { isMirrored: boolean },
): void {
  // A folder of timelines is named by the id; else it is the same in all drafts of a template.
  if (!isMirrored) content.id = idOf('content');
  content['name'] = wellFormed(timeline.title);
  content.fps = timeline.fps;
  // The magnet would move clips, and the empty track would be the main one in place of the pictures.
  content['config'] = { ...(content['config'] as object | undefined), maintrack_adsorb: false };
  content.tracks = content.tracks.filter(({ segments }) => segments.length > 0);
  for (const name of ['platform', 'last_modified_platform'] as const) {
    const platform = Object.entries((content[name] ?? {}) as object).filter(([field]) => !MACHINE.includes(field));
    if (platform.length > 0) content[name] = Object.fromEntries(platform);
  }
  const { videos, audios } = content.materials;
  for (const material of videos) {
    const kind = material.type === 'photo' ? 'image' : 'video';
    place(material, { file: `${kind}/${String(material['material_name'])}`, placedAt, idOf });
  }
  for (const material of audios) place(material, { file: `audio/${String(material['name'])}`, placedAt, idOf });
}

/** Its path as the app will open it, and its place in the pool; where the other program had it from is nobody's business. */
function place(
  material: ContentFile['materials']['videos'][number] | ContentFile['materials']['audios'][number],
  { file, placedAt, idOf }: { file: string; placedAt: string; idOf: IdOf },
): void {
  material.path = openingPath(placedAt, `${MEDIA_FOLDER}/${file}`);
  material.local_material_id = idOf('pool', file);
  delete material['remote_url'];
}

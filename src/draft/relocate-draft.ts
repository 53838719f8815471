import { randomUUID } from 'node:crypto';
import { cp, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PermanentError } from '../domain/errors.ts';
import { checkMovedDraft } from './check-draft.ts';
import { CONTENT_FILES, META_FILE, openingPath, slashed } from './folder-layout.ts';
import { fileInMovedDraft } from './media-path.ts';
import { poolOf, readDraft, type DraftFiles } from './read-draft.ts';
import { unzipDraft } from './unzip-draft.ts';
import { writeSynced } from './write-synced.ts';

export interface Relocated {
  /** Where the draft is now. */
  folder: string;
  /** False when everything was right already. */
  changed: boolean;
}

/**
 * Makes a draft open from `draftsRoot`, the app's own folder of drafts: brings it there, unless it is there already, and
 * rewrites the absolute paths inside. What was given stays as it is. A second time nothing changes.
 * @throws PermanentError `draft_not_found`, `draft_exists` when another draft of this name is there already, and all
 * codes of `checkDraft` and `unzipDraft`.
 */
export async function relocateDraft(given: string, draftsRoot: string): Promise<Relocated> {
  const found = await stat(given).catch(() => null);
  if (found === null) throw new PermanentError('draft_not_found', `There is nothing at ${given}.`);
  const root = resolve(draftsRoot);
  await mkdir(root, { recursive: true });
  if (found.isDirectory() && (await isIn(given, root))) {
    const folder = join(root, basename(resolve(given)));
    return { folder, changed: await pointTo(folder, folder) };
  }
  return bring(given, { root, isZip: !found.isDirectory() });
}

const isIn = async (folder: string, root: string): Promise<boolean> =>
  (await realpath(dirname(resolve(folder)))) === (await realpath(root));

/** Prepared under a hidden name beside its place, so that no app sees half of it. */
async function bring(given: string, { root, isZip }: { root: string; isZip: boolean }): Promise<Relocated> {
  const box = join(root, `.unfinished-${randomUUID().slice(0, 8)}`);
  await mkdir(box);
  try {
    const name = isZip ? await unzipDraft(given, box) : basename(resolve(given));
    const prepared = join(box, name);
    if (!isZip) {
      await readDraft(given);
      await cp(given, prepared, { recursive: true });
    }
    const folder = join(root, name);
    await pointTo(prepared, folder);
    if (await isThere(folder, prepared)) return { folder, changed: false };
    await rename(prepared, folder);
    return { folder, changed: true };
  } finally {
    await rm(box, { recursive: true, force: true });
  }
}

/** @throws PermanentError `draft_exists` when what is there is not what would be put there. */
async function isThere(folder: string, prepared: string): Promise<boolean> {
  if ((await stat(folder).catch(() => null)) === null) return false;
  const [there, ours] = await Promise.all([folder, prepared].map((each) => readDraft(each).catch(() => null)));
  if (there == null || !isDeepStrictEqual(there, ours))
    throw new PermanentError(
      'draft_exists',
      `${folder} is another draft, or was edited: move it away first, or relocate it by its own path.`,
    );
  await checkMovedDraft(folder);
  return true;
}

/** Rewrites the paths of the draft in `folder` for a draft that opens from `placedAt`. */
async function pointTo(folder: string, placedAt: string): Promise<boolean> {
  const files = await readDraft(folder);
  const before = JSON.stringify(files);
  rewrite(files, placedAt);
  const changed = JSON.stringify(files) !== before;
  if (changed) {
    // The meta file last: it knows where the draft was, should this have to be done again.
    for (const [index, name] of CONTENT_FILES.entries())
      await writeSynced(join(folder, name), JSON.stringify(files.contents[index]));
    await writeSynced(join(folder, META_FILE), JSON.stringify(files.meta));
  }
  await checkMovedDraft(folder, { placedAt });
  return changed;
}

/** Media that an editor added from elsewhere keep their paths: they were never in the folder. */
function rewrite({ contents, meta }: DraftFiles, placedAt: string): void {
  const wasAt = meta.draft_fold_path;
  const moved = (path: string): string => {
    const file = fileInMovedDraft(path, wasAt);
    return file === null ? path : openingPath(placedAt, file);
  };
  for (const { materials } of contents)
    for (const material of [...materials.videos, ...materials.audios]) material.path = moved(material.path);
  for (const entry of poolOf(meta)) entry.file_Path = moved(entry.file_Path);
  meta.draft_fold_path = slashed(placedAt);
  meta.draft_root_path = slashed(dirname(placedAt));
}

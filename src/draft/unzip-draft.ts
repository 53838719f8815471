import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { PermanentError } from '../domain/errors.ts';
import { writeTo } from '../store/write-to.ts';

/** Ours have some dozens of files; an app adds some hundreds. */
const MAX_FILES = 5_000;
/** Unpacked; three minutes of film with everything in it take a tenth of this. */
const MAX_BYTES = 8 * 1024 ** 3;

/**
 * Unpacks a draft's ZIP into `into`, which then holds the draft's one folder. Gives that folder's name.
 * @throws PermanentError `draft_zip_unreadable` for anything that is not a ZIP with one folder of plain files.
 */
export async function unzipDraft(file: string, into: string): Promise<string> {
  const zip = await openPromise(file).catch((error: unknown) => refuse('it is not a ZIP', error));
  const top = new Set<string>();
  let [files, bytes] = [0, 0];
  try {
    // yauzl refuses names that climb, are absolute or hold a backslash, and data longer than its entry says.
    for await (const entry of zip.eachEntry()) {
      files += 1;
      bytes += entry.uncompressedSize;
      if (files > MAX_FILES || bytes > MAX_BYTES) refuse('it is too large');
      const [folder, ...rest] = entry.fileName.split('/');
      // What macOS adds when it packs a folder.
      if (folder === '__MACOSX') continue;
      if (!folder || folder.startsWith('.') || rest.length === 0) refuse(`${entry.fileName} is not in a folder`);
      top.add(folder);
      await unpack(zip, { entry, into });
    }
  } catch (error) {
    if (error instanceof PermanentError || isOfTheDisk(error)) throw error;
    refuse('it is damaged', error);
  } finally {
    zip.close();
  }
  const [name] = top;
  if (name === undefined || top.size > 1) refuse('a draft is one folder');
  return name;
}

async function unpack(zip: ZipFile, { entry, into }: { entry: Entry; into: string }): Promise<void> {
  const target = join(into, entry.fileName);
  if (entry.fileName.endsWith('/')) {
    await mkdir(target, { recursive: true });
    return;
  }
  const kind = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (kind !== 0 && kind !== 0o100000) refuse(`${entry.fileName} is not a plain file`);
  await mkdir(dirname(target), { recursive: true });
  await writeTo(target, await zip.openReadStreamPromise(entry), { flags: 'wx' });
}

const isOfTheDisk = (error: unknown): boolean =>
  /^E(?:NOSPC|ACCES|PERM|ROFS|IO|DQUOT)$/.test((error as NodeJS.ErrnoException).code ?? '');

function refuse(why: string, cause?: unknown): never {
  throw new PermanentError('draft_zip_unreadable', `The ZIP cannot be taken as a draft: ${why}.`, { cause });
}

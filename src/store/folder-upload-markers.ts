import { readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { type UploadMarkers, uploadFrom } from './import-upload-markers.ts';

/** Markers as empty files. The folder is renamed when all are rows. */
export function folderUploadMarkers(dir: string): UploadMarkers {
  return {
    async *list() {
      for (const name of await orNothing(readdir(dir, { recursive: true }), [])) {
        const upload = uploadFrom(name.split(path.sep).join('/'));
        const found = upload === null ? null : await orNothing(stat(path.join(dir, name)), null);
        if (upload !== null && found !== null) yield { ...upload, addedAt: found.mtime };
      }
    },
    drop: () => orNothing(rename(dir, `${dir}-imported-${Date.now()}`), undefined),
  };
}

/** There is nothing, or another process has just imported it. */
const orNothing = <Found, Nothing>(finding: Promise<Found>, nothing: Nothing): Promise<Found | Nothing> =>
  finding.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return nothing;
    throw error;
  });

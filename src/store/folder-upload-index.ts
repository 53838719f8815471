import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { markerOf, tenantFolder, type Upload, type UploadIndex, uploadFrom } from './upload-index.ts';

/** Markers as empty files: `<tenant>/<sha256>.<size>`. */
export class FolderUploadIndex implements UploadIndex {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async add(upload: Upload): Promise<boolean> {
    const file = path.join(this.#dir, markerOf(upload));
    await mkdir(path.dirname(file), { recursive: true });
    try {
      await writeFile(file, '', { flag: 'wx', flush: true });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  async remove({ tenant, sha256 }: { tenant: string; sha256: string }): Promise<boolean> {
    let found = false;
    for await (const upload of this.list(tenant)) {
      if (upload.sha256 !== sha256) continue;
      await rm(path.join(this.#dir, markerOf(upload)), { force: true });
      found = true;
    }
    return found;
  }

  async *list(tenant?: string): AsyncGenerator<Upload & { addedAt: Date }> {
    const folders = tenant === undefined ? await names(this.#dir) : [tenantFolder(tenant).slice(0, -1)];
    for (const folder of folders) {
      for (const name of await names(path.join(this.#dir, folder))) {
        const upload = uploadFrom(`${folder}/${name}`);
        const found = await stat(path.join(this.#dir, folder, name)).catch(() => null);
        if (upload !== null && found !== null) yield { ...upload, addedAt: found.mtime };
      }
    }
  }
}

const names = (dir: string): Promise<string[]> =>
  readdir(dir).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });

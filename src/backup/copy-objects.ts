import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import type { AssetStore } from '../store/asset-store.ts';
import { hashOf } from '../store/receive.ts';
import { writeTo } from '../store/write-to.ts';
import { inParallel } from './in-parallel.ts';
import { ListWriter, readList } from './list-file.ts';
import type { ListFile, LostObject } from './manifest.ts';

/** An object store answers after some ten milliseconds, whatever the size. */
const AT_ONCE = 4;

export const objectPath = (sha256: string): string => `objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;

export interface CopiedObjects {
  list: ListFile;
  sizeBytes: number;
  /** sha256 of what is in the backup. */
  copied: Set<string>;
  damaged: Set<string>;
}

/**
 * Everything that the store lists, each object checked by its name while it is streamed. Copies, never hard links: what
 * damages a file of the store must not damage its backup. What lies there already from before is checked, and stays.
 */
export async function copyObjects(assets: AssetStore, folder: string): Promise<CopiedObjects> {
  const [copied, damaged] = [new Set<string>(), new Set<string>()];
  let sizeBytes = 0;
  const writer = await ListWriter.open(folder, 'objects.ndjson');
  try {
    await inParallel(assets.list(), {
      atOnce: AT_ONCE,
      work: async ({ sha256 }) => {
        const ref = await assets.find(sha256);
        // Not one of the store's, or pruned since it was listed: whether rows name it is looked at later.
        if (ref === null) return;
        const fault = await copyObject(assets, ref, path.join(folder, objectPath(sha256)));
        if (fault === 'damaged') damaged.add(sha256);
        if (fault !== null) return;
        copied.add(sha256);
        sizeBytes += ref.sizeBytes;
        await writer.write(ref);
      },
    });
    return { list: await writer.finish(), sizeBytes, copied, damaged };
  } catch (error) {
    await writer.close().catch(() => {});
    throw error;
  }
}

async function copyObject(assets: AssetStore, ref: AssetRef, file: string): Promise<LostObject['why'] | null> {
  if (await holds(file, ref)) return null;
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeTo(`${file}.part`, assets.open(ref), { flush: true, mode: 0o600 });
    await rename(`${file}.part`, file);
    return null;
  } catch (error) {
    await rm(`${file}.part`, { force: true });
    if (!(error instanceof PermanentError)) throw error;
    if (error.code === 'asset_damaged') return 'damaged';
    if (error.code === 'asset_missing') return 'missing';
    throw error;
  }
}

/** Puts them into the store; what it has is mended. */
export async function restoreObjects(assets: AssetStore, folder: string, list: ListFile): Promise<void> {
  await inParallel(readList(folder, list.path), {
    atOnce: AT_ONCE,
    work: async (row) => {
      const ref = AssetRef.parse(row);
      const { sha256 } = await assets.put(createReadStream(path.join(folder, objectPath(ref.sha256))), ref.mediaType);
      if (sha256 !== ref.sha256) throw new Error(`${objectPath(ref.sha256)} changed while it was restored`);
    },
  });
}

/** True when all the bytes are there and right. */
export async function holds(
  file: string,
  { sizeBytes, sha256 }: { sizeBytes: number; sha256: string },
): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile() || found.size !== sizeBytes) return false;
  return (await hashOf(file)) === sha256;
}

import { z } from 'zod';
import type { Upload, UploadIndex } from '../store/upload-index.ts';
import { ListWriter, readList } from './list-file.ts';
import type { ListFile } from './manifest.ts';

const UploadRow = z.strictObject({ tenant: z.string(), sha256: z.string(), sizeBytes: z.number() });

/** A marker is written before the bytes arrive: so young, it may be one of an upload under way. */
const ARRIVING_MS = 60 * 60_000;

/** Taken before the objects are listed: what is marked then, and not younger, is in the store. */
export async function readUploads(uploads: UploadIndex): Promise<(Upload & { settled: boolean })[]> {
  const found: (Upload & { settled: boolean })[] = [];
  for await (const { tenant, sha256, sizeBytes, addedAt } of uploads.list())
    found.push({ tenant, sha256, sizeBytes, settled: Date.now() - addedAt.getTime() > ARRIVING_MS });
  return found;
}

export async function writeUploads(folder: string, uploads: Upload[]): Promise<ListFile> {
  const writer = await ListWriter.open(folder, 'uploads.ndjson');
  for (const { tenant, sha256, sizeBytes } of uploads) await writer.write({ tenant, sha256, sizeBytes });
  return writer.finish();
}

export async function restoreUploads(uploads: UploadIndex, folder: string, list: ListFile): Promise<void> {
  for await (const row of readList(folder, list.path)) await uploads.add(UploadRow.parse(row));
}

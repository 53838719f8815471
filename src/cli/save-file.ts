import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { McpBridgeClient } from '../client/index.ts';
import { writeTo } from '../store/write-to.ts';

const DOWNLOAD_MS = 10 * 60_000; // the largest film over a slow line

/** Saves an asset under this name: complete, or not at all. */
export async function saveFile(client: McpBridgeClient, url: string, file: string): Promise<void> {
  const { body } = await client.downloadAsset(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
  const part = `${file}.part`;
  try {
    await writeTo(part, Readable.from(body ?? []));
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

import { copyFile, open, writeFile } from 'node:fs/promises';
import { mediaInfoFactory, type MediaInfo } from 'mediainfo.js';
import sharp from 'sharp';
import type { MediaMaterial } from './script.ts';

const isUrl = (source: string): boolean => /^https?:\/\//.test(source);

/** A copy, whatever it is. */
export async function fetchMedia(source: string, to: string): Promise<void> {
  if (!isUrl(source)) return copyFile(source, to);
  await writeFile(to, await download(source));
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Sizes and lengths as the files themselves say. */
export async function measure(material: MediaMaterial): Promise<void> {
  if (material.kind === 'photo') {
    const { width, height } = await sharp(isUrl(material.url) ? await download(material.url) : material.url).metadata();
    Object.assign(material, { width, height });
    return;
  }
  const tracks = await tracksOf(material.url);
  const general = tracks.find((track) => track['@type'] === 'General');
  const own = tracks.find((track) => track['@type'] === (material.kind === 'audio' ? 'Audio' : 'Video'));
  if (own === undefined) throw new Error('no such track');
  material.duration = Math.trunc(Number(own.Duration ?? general?.Duration ?? 0) * 1e6);
  if (material.kind === 'video') Object.assign(material, { width: Number(own.Width), height: Number(own.Height) });
}

interface MediaInfoTrack {
  '@type': string;
  Duration?: string;
  Width?: string;
  Height?: string;
}

async function tracksOf(source: string): Promise<MediaInfoTrack[]> {
  const mediaInfo = await mediaInfoFactory({ format: 'JSON' });
  try {
    const json = isUrl(source) ? await ofBytes(mediaInfo, await download(source)) : await ofFile(mediaInfo, source);
    return (JSON.parse(json) as { media?: { track: MediaInfoTrack[] } }).media?.track ?? [];
  } finally {
    mediaInfo.close();
  }
}

const ofBytes = (mediaInfo: MediaInfo<'JSON'>, bytes: Buffer): Promise<string> =>
  mediaInfo.analyzeData(bytes.length, (length, offset) => new Uint8Array(bytes.subarray(offset, offset + length)));

async function ofFile(mediaInfo: MediaInfo<'JSON'>, file: string): Promise<string> {
  const handle = await open(file);
  try {
    return await mediaInfo.analyzeData((await handle.stat()).size, async (length, offset) => {
      const chunk = new Uint8Array(length);
      const { bytesRead } = await handle.read(chunk, 0, length, offset);
      return chunk.subarray(0, bytesRead);
    });
  } finally {
    await handle.close();
  }
}

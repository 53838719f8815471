import { open } from 'node:fs/promises';
import { type MediaInfo, mediaInfoFactory } from 'mediainfo.js';

/** One part of a file. MediaInfo writes every value as a string. */
export interface MediaTrack {
  /** `General` for the file as a whole, `Video`, `Audio`, `Image`, … */
  type: string;
  fields: Record<string, string | undefined>;
  /** Fields of the file's own, such as the AIGC label. */
  extra: Record<string, string | undefined>;
}

/** Making one compiles two megabytes of WebAssembly, which takes longer than to read most files: the last one is kept. */
let idle: MediaInfo<'JSON'> | null = null;

/** Exactly what MediaInfo says of a file; no tracks when it knows nothing of it. */
export async function readMediaInfo(path: string): Promise<{ tracks: MediaTrack[]; sizeBytes: number }> {
  const file = await open(path, 'r');
  try {
    // It reads one file at a time: who finds none idle makes one.
    const kept = idle;
    idle = null;
    const mediaInfo = kept ?? (await mediaInfoFactory({ format: 'JSON' }));
    const { size } = await file.stat();
    const json = await mediaInfo.analyzeData(size, async (length, offset) => {
      const chunk = new Uint8Array(length);
      const { bytesRead } = await file.read(chunk, 0, length, offset);
      return chunk.subarray(0, bytesRead);
    });
    mediaInfo.close();
    // Only here: one that has failed may be in any state, and is left to the garbage collector.
    idle = mediaInfo;
    const { media } = JSON.parse(json) as { media?: { track: WireTrack[] } };
    return { tracks: (media?.track ?? []).map(trackOf), sizeBytes: size };
  } finally {
    await file.close();
  }
}

type WireTrack = { '@type': string; extra?: MediaTrack['extra'] } & Record<string, unknown>;

function trackOf({ '@type': type, extra = {}, ...fields }: WireTrack): MediaTrack {
  return { type, fields: fields as MediaTrack['fields'], extra };
}

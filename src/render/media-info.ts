import { open } from 'node:fs/promises';
import { mediaInfoFactory } from 'mediainfo.js';

/** One part of a file. MediaInfo writes every value as a string. */
export interface MediaTrack {
  /** `General` for the file as a whole, `Video`, `Audio`, `Image`, … */
  type: string;
  fields: Record<string, string | undefined>;
  /** Fields of the file's own, such as the AIGC label. */
  extra: Record<string, string | undefined>;
}

/** Exactly what MediaInfo says of a file; no tracks when it knows nothing of it. */
export async function readMediaInfo(path: string): Promise<{ tracks: MediaTrack[]; sizeBytes: number }> {
  const mediaInfo = await mediaInfoFactory({ format: 'JSON' });
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const json = await mediaInfo.analyzeData(size, async (length, offset) => {
      const chunk = new Uint8Array(length);
      const { bytesRead } = await file.read(chunk, 0, length, offset);
      return chunk.subarray(0, bytesRead);
    });
    const { media } = JSON.parse(json) as { media?: { track: WireTrack[] } };
    return { tracks: (media?.track ?? []).map(trackOf), sizeBytes: size };
  } finally {
    await file.close();
    mediaInfo.close();
  }
}

type WireTrack = { '@type': string; extra?: MediaTrack['extra'] } & Record<string, unknown>;

function trackOf({ '@type': type, extra = {}, ...fields }: WireTrack): MediaTrack {
  return { type, fields: fields as MediaTrack['fields'], extra };
}

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { AssetRef } from '../../src/domain/asset.ts';
import type { WordTiming } from '../../src/domain/word-timing.ts';

/** A folder of assets made for a test, found by their content as in the product. */
export class TestAssets {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  path = (asset: AssetRef): string => join(this.folder, asset.sha256);

  async put(bytes: Buffer, mediaType: string): Promise<AssetRef> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await mkdir(this.folder, { recursive: true });
    // Another test may be reading the same content.
    const temporary = join(this.folder, `${sha256}.${randomUUID()}`);
    await writeFile(temporary, bytes);
    await rename(temporary, join(this.folder, sha256));
    return { uri: `asset:${sha256}`, mediaType, sizeBytes: bytes.length, sha256 };
  }

  /** A picture with edges and gradients of its own. */
  async picture(index: number, { width = 400, height = 700 } = {}): Promise<AssetRef> {
    const hue = (index * 67) % 360;
    const rings = Array.from({ length: 9 }, (_, ring) => {
      const radius = (0.06 + ring * 0.05) * width;
      return `<circle cx="${width * (0.3 + 0.08 * (index % 5))}" cy="${height * 0.4}" r="${radius}" fill="none" stroke="hsl(${(hue + 160) % 360},70%,${40 + ring * 5}%)" stroke-width="${width * 0.012}"/>`;
    });
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl(${hue},60%,62%)"/><stop offset="1" stop-color="hsl(${(hue + 50) % 360},55%,30%)"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>${rings.join('')}<rect x="${width * 0.1}" y="${height * 0.72}" width="${width * 0.8}" height="${height * 0.02}" fill="#fff" opacity="0.5"/></svg>`;
    return this.put(await sharp(Buffer.from(svg)).png().toBuffer(), 'image/png');
  }

  /** Something with the rhythm and loudness of speech: noise and tone in syllables. */
  async speech(durationMs: number, { gain = 0.3 } = {}): Promise<AssetRef> {
    const rate = 24_000;
    const samples = Math.round((durationMs * rate) / 1000);
    const pcm = Buffer.alloc(samples * 2);
    let seed = 7;
    for (let i = 0; i < samples; i++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const seconds = i / rate;
      const syllable = Math.max(0, Math.sin(2 * Math.PI * 2.2 * seconds)) ** 0.6;
      const voice =
        Math.sin(2 * Math.PI * 160 * seconds) +
        0.5 * Math.sin(2 * Math.PI * 480 * seconds) +
        0.3 * (seed / 1_073_741_824 - 1);
      pcm.writeInt16LE(Math.round(Math.max(-1, Math.min(1, gain * syllable * voice)) * 32_767), i * 2);
    }
    return this.put(wavOf(pcm, rate), 'audio/wav');
  }
}

/** One word a Han character, evenly spread: enough for karaoke. */
export function evenWords(text: string, durationMs: number): WordTiming[] {
  const characters = [...text].filter((character) => /[\p{L}\p{N}]/u.test(character));
  const each = durationMs / characters.length;
  return characters.map((word, index) => ({ word, startMs: index * each, endMs: (index + 1) * each }));
}

export function wavOf(pcm: Buffer, rate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + pcm.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(pcm.length, 40);
  return Buffer.concat([header, pcm]);
}

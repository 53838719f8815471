import { createReadStream } from 'node:fs';

/** The head of a WAV file as ffmpeg writes it without tags. */
const HEADER_BYTES = 44;
/** Shorter than a syllable, longer than a wave: pauses between words are left out of the mean. */
const BLOCK_SAMPLES = 4_800;
/** A block below this is a pause, in dB of full scale. */
const PAUSE_DB = -50;

/** Mean level of what is not pause in a 16-bit WAV, in dB of full scale; null when all of it is. */
export async function levelOfWav(path: string): Promise<number | null> {
  const blocks: number[] = [];
  let [sum, count] = [0, 0];
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { start: HEADER_BYTES }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.length - (bytes.length % 2);
    for (let at = 0; at < end; at += 2) {
      sum += (bytes.readInt16LE(at) / 32_768) ** 2;
      if (++count < BLOCK_SAMPLES) continue;
      blocks.push(sum / count);
      [sum, count] = [0, 0];
    }
    rest = bytes.subarray(end);
  }
  if (count > 0) blocks.push(sum / count);
  const heard = blocks.filter((power) => 10 * Math.log10(power) > PAUSE_DB);
  if (heard.length === 0) return null;
  return 10 * Math.log10(heard.reduce((total, power) => total + power, 0) / heard.length);
}

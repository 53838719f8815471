import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import sharp from 'sharp';
import type { AssetRef } from '../../src/domain/asset.ts';
import type { TestAssets } from '../render/fixtures.ts';

const run = promisify(execFile);
const SAMPLE_RATE = 48_000;

/** Red, green, blue, 0–255. */
export type Colour = [number, number, number];

/** One colour, with a white dot right above the middle. */
export async function plainPicture(
  assets: TestAssets,
  { colour, width, height }: { colour: Colour; width: number; height: number },
): Promise<AssetRef> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="rgb(${colour.join()})"/><circle cx="${width * 0.45}" cy="${height * 0.3}" r="${height / 40}" fill="#fff"/></svg>`;
  return assets.put(await sharp(Buffer.from(svg)).png().toBuffer(), 'image/png');
}

/** A sine of that amplitude (1 is full scale) as a 16-bit WAV. */
export async function tone(
  assets: TestAssets,
  { hz, seconds, amplitude }: { hz: number; seconds: number; amplitude: number },
): Promise<AssetRef> {
  const samples = Math.round(seconds * SAMPLE_RATE);
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    bytes.writeUInt16LE(value, at);
  bytes.writeUInt32LE(SAMPLE_RATE, 24);
  bytes.writeUInt32LE(SAMPLE_RATE * 2, 28);
  bytes.write('data', 36);
  bytes.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++)
    bytes.writeInt16LE(Math.round(amplitude * 32_767 * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE)), 44 + i * 2);
  return assets.put(bytes, 'audio/wav');
}

/** The mean colour of each frame's middle, where neither captions nor labels nor the dot are. */
export async function decodeMiddle(film: string, { ffmpeg }: { ffmpeg: string }): Promise<Colour[]> {
  const filter = 'crop=iw:ih/8:0:ih/2,scale=1:1:flags=area';
  const args = ['-v', 'error', '-i', film, '-vf', filter, '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'];
  const { stdout } = await run(ffmpeg, args, { encoding: 'buffer', maxBuffer: 1e7 });
  return Array.from(
    { length: stdout.length / 3 },
    (_, frame): Colour => [...stdout.subarray(frame * 3, frame * 3 + 3)] as Colour,
  );
}

/** The middle of the white dot in one frame, in pixels; by brightness alone, because colour has half the pixels. */
export async function dotAt(
  film: string,
  {
    frame,
    fps,
    ffmpeg,
    canvas,
  }: { frame: number; fps: number; ffmpeg: string; canvas: { width: number; height: number } },
): Promise<{ x: number; y: number }> {
  const seek = ((frame - 0.5) / fps).toFixed(6);
  const args = ['-v', 'error', '-ss', seek, '-i', film, '-frames:v', '1', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
  const { stdout: pixels } = await run(ffmpeg, args, { encoding: 'buffer', maxBuffer: 1e7 });
  const background = pixels[0]! + 10;
  let [weight, x, y] = [0, 0, 0];
  // Captions are in the lower half.
  for (let row = 0; row < canvas.height / 2; row++) {
    for (let column = 0; column < canvas.width; column++) {
      const white = Math.max(0, pixels[row * canvas.width + column]! - background);
      weight += white;
      x += white * (column + 0.5);
      y += white * (row + 0.5);
    }
  }
  return { x: x / weight, y: y / weight };
}

/** The film's sound, both channels as one. */
export async function decodeSound(film: string, { ffmpeg }: { ffmpeg: string }): Promise<Float32Array> {
  const args = ['-v', 'error', '-i', film, '-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 'f32le', '-'];
  const { stdout } = await run(ffmpeg, args, { encoding: 'buffer', maxBuffer: 1e9 });
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
}

/** Amplitude of one tone in a span, in dB of full scale (Goertzel, with a window that keeps the other tone out). */
export function levelDb(
  sound: Float32Array,
  { hz, fromUs, toUs }: { hz: number; fromUs: number; toUs: number },
): number {
  const [from, to] = [fromUs, toUs].map((us) => Math.round((us * SAMPLE_RATE) / 1e6)) as [number, number];
  let [real, imaginary, weight] = [0, 0, 0];
  for (let i = from; i < to; i++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i - from + 0.5)) / (to - from));
    const angle = (2 * Math.PI * hz * i) / SAMPLE_RATE;
    real += window * sound[i]! * Math.cos(angle);
    imaginary += window * sound[i]! * Math.sin(angle);
    weight += window;
  }
  return 20 * Math.log10(Math.max(1e-9, (2 * Math.hypot(real, imaginary)) / weight));
}

/** The cues of an SRT file. */
export function cuesOf(srt: string): { startMs: number; endMs: number; text: string }[] {
  return srt
    .trim()
    .split(/\n\n+/)
    .map((cue) => {
      const [, times = '', ...lines] = cue.split('\n');
      const [startMs = NaN, endMs = NaN] = times.split(' --> ').map((time) => {
        const [hours, minutes, seconds, ms] = time.split(/[:,]/).map(Number) as [number, number, number, number];
        return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
      });
      return { startMs, endMs, text: lines.join('\n') };
    });
}

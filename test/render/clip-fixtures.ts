import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The bar of a clip that counts: as wide as this, and one pixel further right with each frame. */
const BAR_PX = 40;

/** Makes a clip with ffmpeg: `source` is a lavfi graph, `output` what follows the input. Gives its bytes. */
export const madeClip = (
  ffmpeg: string,
  { source, output, name = 'clip.mp4' }: { source: string; output: readonly string[]; name?: string },
): Promise<Buffer> =>
  inFolder(async (folder) => {
    await run(ffmpeg, ['-v', 'error', '-f', 'lavfi', '-i', source, ...output, join(folder, name)]);
    return readFile(join(folder, name));
  });

/** The same pictures, with the mark that the camera was held on its side. */
export const turnedClip = (ffmpeg: string, clip: Buffer): Promise<Buffer> =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'lying.mp4'), clip);
    const args = ['-v', 'error', '-display_rotation', '90', '-i', 'lying.mp4', '-c', 'copy', 'turned.mp4'];
    await run(ffmpeg, args, { cwd: folder });
    return readFile(join(folder, 'turned.mp4'));
  });

async function inFolder<Made>(make: (folder: string) => Promise<Made>): Promise<Made> {
  const folder = await mkdtemp(join(tmpdir(), 'clip-'));
  try {
    return await make(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A clip of 180x320 in which a bright bar tells which frame one sees: its left edge, in pixels. */
export const countingClip = (ffmpeg: string, { seconds, fps }: { seconds: number; fps: number }): Promise<Buffer> =>
  madeClip(ffmpeg, {
    source: `color=black:s=180x320:r=${fps}:d=${seconds},format=yuv420p,geq=lum='if(between(X,N,N+${BAR_PX - 1}),220,40)':cb=128:cr=128`,
    output: ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '10', '-pix_fmt', 'yuv420p'],
  });

/** Which frame of a counting clip each frame of a film of the same raster shows; without meaning where two are mixed. */
export async function countedFrames(ffmpeg: string, file: string): Promise<number[]> {
  const output = ['-vf', 'extractplanes=y,scale=180:1:flags=area', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'];
  const { stdout } = await run(ffmpeg, ['-v', 'error', '-i', file, ...output], {
    ...{ encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 },
  });
  return Array.from({ length: stdout.length / 180 }, (_, frame) => {
    const row = [...stdout.subarray(frame * 180, (frame + 1) * 180)];
    // What the encoder leaves of the dark around it does not count.
    const bar = row.map((luma) => Math.max(0, luma - 100));
    const centre = bar.reduce((sum, light, x) => sum + light * x, 0) / bar.reduce((sum, light) => sum + light, 0);
    return centre - (BAR_PX - 1) / 2;
  });
}

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface MovingPicture {
  /** JPEG, `MARGIN` larger than what is shown of it. */
  picture: Buffer;
  width: number;
  height: number;
  frames: number;
  fps: number;
  /** Which way the camera goes. */
  turn: 0 | 1 | 2 | 3;
  ffmpegPath: string;
  signal: AbortSignal;
}

/** How much larger a picture is than the window that moves over it. */
export const MARGIN = 1.1;

/** Longer than the longest clip takes on a busy machine. */
const MOST_MS = 120_000;

/**
 * A camera that moves over a drawn picture, with a light that wanders across it, so that no two frames are the same:
 * H.264 in MP4, exactly so many frames. Cropping is the cheapest movement there is: a clip takes a second or two.
 */
export async function movePicture(moving: MovingPicture): Promise<Buffer> {
  const { picture, width, height, frames, fps, turn, ffmpegPath, signal } = moving;
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-clip-'));
  try {
    await writeFile(join(folder, 'picture.jpeg'), picture);
    const done = `n/${Math.max(1, frames - 1)}`;
    const there = (forward: boolean): string => (forward ? `(${done})` : `(1-${done})`);
    const x = `(iw-ow)*${there(turn % 2 === 0)}`;
    const y = `(ih-oh)*${there(turn < 2)}`;
    const beam = `${Math.round(width / 6)}`;
    const graph = [
      `[0:v]loop=loop=${frames}:size=1,settb=1/${fps},setpts=N,crop=${width}:${height}:x='${x}':y='${y}',setsar=1,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[view]`,
      `color=white@0.10:s=${beam}x${height}:r=${fps},format=yuva420p[beam]`,
      `[view][beam]overlay=x='(W+w)*${done}-w':y=0:shortest=0,format=yuv420p,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709[out]`,
    ].join(';');
    const output = [
      '-frames:v',
      String(frames),
      '-r',
      String(fps),
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-crf',
      '20',
    ];
    const args = [
      '-v',
      'error',
      '-i',
      'picture.jpeg',
      '-filter_complex',
      graph,
      '-map',
      '[out]',
      ...output,
      '-an',
      'clip.mp4',
    ];
    await run(ffmpegPath, [...args.slice(0, -1), '-threads', '1', '-movflags', '+faststart', 'clip.mp4'], {
      ...{ cwd: folder, signal, timeout: MOST_MS },
    });
    return await readFile(join(folder, 'clip.mp4'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

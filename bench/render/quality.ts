import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { probeMedia } from '../../src/render/probe.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';

const run = promisify(execFile);

export interface Quality {
  /** Of luma, against the lossless reference, over all frames. */
  ssim: number;
  durationSeconds: number;
  /** Bright pixels where captions stand, in the middle of one. */
  captionPixels: number;
}

/** What a quick film must not have been bought with. */
export async function qualityOf(
  film: string,
  { reference, timeline, ffmpeg }: { reference: string; timeline: Timeline; ffmpeg: string },
): Promise<Quality> {
  const { durationSeconds } = await probeMedia(film);
  return {
    ssim: await ssimOf(film, { reference, ffmpeg }),
    durationSeconds,
    captionPixels: await captionPixels(film, { timeline, ffmpeg }),
  };
}

async function ssimOf(film: string, { reference, ffmpeg }: { reference: string; ffmpeg: string }): Promise<number> {
  const graph = '[0:v]settb=AVTB,setpts=N[a];[1:v]settb=AVTB,setpts=N[b];[a][b]ssim';
  const args = ['-hide_banner', '-nostdin', '-i', film, '-i', reference, '-lavfi', graph, '-an', '-f', 'null', '-'];
  const { stderr } = await run(ffmpeg, args);
  return Number(/SSIM Y:([\d.]+)/.exec(stderr)?.[1] ?? NaN);
}

const BRIGHT = 225;

/** White or lit letters; the bench's pictures are darker there. */
async function captionPixels(
  film: string,
  { timeline, ffmpeg }: { timeline: Timeline; ffmpeg: string },
): Promise<number> {
  const caption = timeline.tracks.captions[0]!;
  const at = (caption.startUs + caption.durationUs / 2) / 1e6;
  const args = [
    '-v',
    'error',
    '-ss',
    String(at),
    '-i',
    film,
    '-frames:v',
    '1',
    '-vf',
    'crop=iw:ih*0.35:0:ih*0.55,format=gray',
  ];
  const { stdout } = await run(ffmpeg, [...args, '-f', 'rawvideo', '-'], { encoding: 'buffer', maxBuffer: 2 ** 26 });
  return stdout.reduce((count, luma) => count + (luma >= BRIGHT ? 1 : 0), 0);
}

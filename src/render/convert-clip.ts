import type { Canvas } from '../domain/canvas.ts';
import { checkRaster } from './check-raster.ts';
import { COLOUR_FILTER } from './encoding.ts';
import { probeMedia } from './probe.ts';
import { runFfmpeg } from './run-ffmpeg.ts';

/** A quality at which another encoding does not show. */
const CRF = '14';
/** Brightness of white when high dynamic range becomes a usual film, in candela per square metre. */
const WHITE_NITS = 100;
const HIGH_DYNAMIC_RANGE = /\b(?:PQ|HLG)\b/;

export interface ConvertClip {
  ffmpeg: string;
  /** The clip as it came: any codec, rate and orientation. */
  from: string;
  /** MP4, overwritten. */
  to: string;
  canvas: Canvas;
  fps: number;
  /** No more than this is taken. */
  seconds: number;
  /** A folder of this call's own. */
  cwd: string;
  signal: AbortSignal;
}

/**
 * Any clip as every editor and our renderer read it: H.264, upright, square pixels, BT.709, the film's frame rate, just
 * large enough to cover the canvas, without sound.
 * @throws FfmpegError when it cannot be decoded to its end; PermanentError `not_media`, or `unreadable_asset` when it is
 * too large; the signal's reason on abort.
 */
export async function convertClip(clip: ConvertClip): Promise<{ frames: number }> {
  const { ffmpeg, from, to, canvas, fps, seconds, cwd, signal } = clip;
  const { video } = await probeMedia(from);
  if (video !== null) checkRaster(video, canvas);
  const toUsualRange = HIGH_DYNAMIC_RANGE.test(video?.colourTransfer ?? '')
    ? [
        `zscale=t=linear:npl=${WHITE_NITS},format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0`,
        'zscale=t=bt709:m=bt709:r=tv',
      ]
    : [];
  const filters = [
    'bwdif=deint=interlaced',
    'scale=iw*sar:ih,setsar=1',
    `scale=${canvas.width}:${canvas.height}:force_original_aspect_ratio=increase:force_divisible_by=2:flags=lanczos`,
    ...toUsualRange,
    `fps=${fps},scale=out_color_matrix=bt709:out_range=tv,format=yuv420p`,
    COLOUR_FILTER,
  ];
  const encoding = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    CRF,
    '-movflags',
    '+faststart',
    '-an',
    '-sn',
    '-dn',
  ];
  const args = ['-v', 'error', '-xerror', '-i', `file:${from}`, '-map', '0:v:0', '-t', String(seconds)];
  const plain = ['-map_metadata', '-1', '-video_track_timescale', String(fps * 512), '-f', 'mp4', `file:${to}`];
  return runFfmpeg({ ffmpeg, cwd, signal, args: [...args, '-vf', filters.join(','), ...encoding, ...plain] });
}

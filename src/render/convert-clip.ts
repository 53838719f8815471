import type { Canvas } from '../domain/canvas.ts';
import { checkRaster } from './check-raster.ts';
import { COLOUR_FILTER } from './encoding.ts';
import { decodeFully, type Probe, probeMedia } from './probe.ts';
import { runFfmpeg } from './run-ffmpeg.ts';

/** A quality at which another encoding does not show. */
const CRF = '14';
/** Of a clip that is kept as it is: many more pixels than the canvas has would only cost decoding. */
const MOST_AREA = 2;
const RATES = { least: 15, most: 60 };
/** A picture or two more than wanted are no reason to encode. */
const TOLERANCE_SECONDS = 0.1;
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
 * Any clip as every editor and our renderer read it: H.264, upright, square pixels, BT.709, without sound. One that is so
 * already keeps its pictures as they came, decoded once to be sure of them; any other is encoded at the film's frame rate,
 * just large enough to cover the canvas. Gives the clip's length.
 * @throws FfmpegError when it cannot be decoded to its end; PermanentError `not_media`, or `unreadable_asset` when it is
 * too large; the signal's reason on abort.
 */
export async function convertClip(clip: ConvertClip): Promise<{ seconds: number }> {
  const probe = await probeMedia(clip.from);
  const { video } = probe;
  if (video !== null) checkRaster(video, clip.canvas);
  const asItCame = video !== null && isUsual(probe, clip) ? await repack(clip, video.fps) : null;
  return asItCame ?? (await encode(clip, video));
}

/** Whether its pictures can stay as they are. What a clip does not say of its colours is taken to be as usual. */
function isUsual({ container, durationSeconds, video }: Probe, { canvas, seconds }: ConvertClip): boolean {
  if (video === null || container !== 'MPEG-4' || video.codec !== 'AVC') return false;
  const { width, height, fps, pixelAspectRatio, bitDepth, chroma, isConstantRate, isProgressive, rotation } = video;
  const isPlain = pixelAspectRatio === 1 && bitDepth === 8 && chroma === '4:2:0' && isProgressive && rotation === 0;
  const colours = [video.colourPrimaries, video.colourTransfer, video.colourMatrix];
  const isBt709 = colours.every((name) => name === null || name === 'BT.709') && video.colourRange !== 'Full';
  const hasRate = isConstantRate && fps >= RATES.least && fps <= RATES.most;
  const fits = width * height <= MOST_AREA * canvas.width * canvas.height;
  return isPlain && isBt709 && hasRate && fits && durationSeconds <= seconds + TOLERANCE_SECONDS;
}

/** Null when its pictures are not all as they should be. */
async function repack(
  { ffmpeg, from, to, cwd, signal }: ConvertClip,
  fps: number,
): Promise<{ seconds: number } | null> {
  const read = ['-v', 'error', '-xerror', '-i', `file:${from}`, '-map', '0:v:0'];
  const write = ['-c', 'copy', '-map_metadata', '-1', '-map_chapters', '-1', '-movflags', '+faststart', '-f', 'mp4'];
  try {
    await runFfmpeg({ ffmpeg, cwd, signal, args: [...read, ...write, `file:${to}`] });
    const { frames } = await decodeFully({ ffmpeg, path: to, signal });
    return { seconds: frames / fps };
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

async function encode(clip: ConvertClip, video: Probe['video']): Promise<{ seconds: number }> {
  const { ffmpeg, from, to, canvas, fps, seconds, cwd, signal } = clip;
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
  const encoded = await runFfmpeg({
    ...{ ffmpeg, cwd, signal },
    args: [...args, '-vf', filters.join(','), ...encoding, ...plain],
  });
  return { seconds: encoded.frames / fps };
}

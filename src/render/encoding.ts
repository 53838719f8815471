import type { Timeline } from '../timeline/timeline.ts';

export type FilmFormat = 'mp4' | 'webm';

type Raster = Pick<Timeline, 'canvas' | 'fps'>;

/** H.264 levels: macroblocks in a frame and in a second (Rec. H.264 table A-1). */
const LEVELS = [
  { level: '3.0', frame: 1_620, second: 40_500 },
  { level: '3.1', frame: 3_600, second: 108_000 },
  { level: '3.2', frame: 5_120, second: 216_000 },
  { level: '4.0', frame: 8_192, second: 245_760 },
  { level: '4.2', frame: 8_704, second: 522_240 },
  { level: '5.1', frame: 36_864, second: 983_040 },
];
/** Below this many pixels superfast looks the same: the raster, not the encoder, decides. */
const SMALL_RASTER_PIXELS = 400_000;
const KEYFRAME_SECONDS = 2;
const VP9_CRF = 32;

/** Closed groups and headers that say nothing of rate, for the join. Threads that share a frame hold fewer frames than threads with one each. */
const STREAM = ['open-gop=0', 'stitchable=1', 'sliced-threads=1', 'threads=2'];
/**
 * How x264 looks for likeness. All blocks of a still move alike and evenly: dividing them and a fine search find nothing,
 * the frames around tell a block's way, and more of them can be told by others. At less than two thirds of the time that is a
 * little smaller and a little closer to the picture (docs/render.md).
 */
const SEARCH: Record<Content, { crf: number; betweenFrames: number; parameters: string[] }> = {
  stills: {
    ...{ crf: 20, betweenFrames: 4 },
    // Each frame looked ahead is 8 MiB at 1080p; the usual ten gain little where all of them move alike.
    parameters: ['partitions=none', 'subme=1', 'me=dia', 'direct=temporal', 'rc-lookahead=7'],
  },
  clips: { crf: 21, betweenFrames: 3, parameters: [] },
};

export const COLOUR_FILTER = 'setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv';
const COLOUR = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'];

/** The lowest level that both the raster and its rate fit into. */
export function h264Level({ canvas, fps }: Raster): string {
  const blocks = Math.ceil(canvas.width / 16) * Math.ceil(canvas.height / 16);
  const fit = LEVELS.find(({ frame, second }) => blocks <= frame && blocks * fps <= second);
  return fit?.level ?? '5.2';
}

/** What is seen: stills under a moving window, or (also) clips, in which anything may move. */
export type Content = 'stills' | 'clips';

/**
 * The same headers for every segment of a film, which is why they can be joined without encoding again: what is looked
 * for in a segment may differ, the tools that its stream is written with may not.
 */
export function videoEncoding(raster: Raster, { format, content }: { format: FilmFormat; content: Content }): string[] {
  const { canvas, fps } = raster;
  const keyframes = ['-g', String(KEYFRAME_SECONDS * fps)];
  const common = [
    ...COLOUR,
    '-pix_fmt',
    'yuv420p',
    '-video_track_timescale',
    String(fps * 512),
    '-an',
    '-map_metadata',
    '-1',
  ];
  if (format === 'webm') {
    // No alternate reference frames: each packet is one picture, so joins stay exact to the frame.
    const speed = [
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
      '-row-mt',
      '1',
      '-tile-columns',
      '2',
      '-lag-in-frames',
      '0',
      '-auto-alt-ref',
      '0',
    ];
    return ['-c:v', 'libvpx-vp9', '-crf', String(VP9_CRF), '-b:v', '0', ...speed, ...keyframes, ...common];
  }
  const preset = canvas.width * canvas.height < SMALL_RASTER_PIXELS ? 'superfast' : 'veryfast';
  const { crf, betweenFrames, parameters } = SEARCH[content];
  return [
    ...['-c:v', 'libx264', '-preset', preset, '-crf', String(crf), '-bf', String(betweenFrames)],
    ...['-profile:v', 'high', '-level:v', h264Level(raster), ...keyframes],
    ...['-x264-params', [...STREAM, ...parameters].join(':'), ...common],
  ];
}

export function audioEncoding(format: FilmFormat): { args: string[]; extension: string } {
  return format === 'webm'
    ? { args: ['-c:a', 'libopus', '-b:a', '160k', '-ar', '48000'], extension: 'webm' }
    : { args: ['-c:a', 'aac', '-b:a', '192k', '-ar', '48000'], extension: 'm4a' };
}

import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { fontPath, fontsFor } from '../../src/render/fonts.ts';
import { BED_ROLL_SAMPLES, BED_SAMPLES, musicBedPath } from '../../src/render/music-beds.ts';
import { assOf } from '../../src/render/subtitles.ts';
import { framePlan } from '../../src/timeline/frame-plan.ts';
import { frameOfUs } from '../../src/timeline/frames.ts';
import type { Motion, NarrationSegment, Timeline } from '../../src/timeline/timeline.ts';
import type { BenchFilm } from '../film.ts';
import { sameSettings } from './same-settings.ts';

const RATE = 48_000;
const LOSSLESS = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-pix_fmt', 'yuv420p'];

export interface OneCommand {
  film: BenchFilm;
  ffmpeg: string;
  workDir: string;
  /** The reference that films are compared with. */
  lossless?: boolean;
  signal: AbortSignal;
}

/**
 * The film as somebody would write it by hand: one process, one graph, one pass, ffmpeg's own choice of threads; the same
 * pictures, motion, captions, encoder settings and sound. Bodies stay in 4:2:0, and only the frames of a crossfade go
 * through `xfade`: a chain over whole pictures would be slower.
 */
export async function renderByOneCommand(command: OneCommand): Promise<string> {
  const { film, ffmpeg, workDir, lossless = false, signal } = command;
  const { timeline, assets } = film;
  const { pictures, narration } = timeline.tracks;
  await mkdir(path.join(workDir, 'fonts'), { recursive: true });
  const texts = timeline.tracks.captions.flatMap(({ lines }) => lines);
  for (const font of fontsFor(texts))
    await copyFile(fontPath(font), path.join(workDir, 'fonts', path.basename(fontPath(font))));
  await writeFile(path.join(workDir, 'captions.ass'), assOf(timeline));

  const inputs = [
    ...pictures.map(({ source }) => (source.kind === 'still' ? assets.path(source.asset) : '')),
    ...narration.map(({ asset }) => assets.path(asset)),
    musicBedPath('calm'),
  ].flatMap((file) => ['-i', file]);
  const graph = [...pictureGraph(timeline), ...soundGraph(timeline, pictures.length)].join(';');
  const out = path.join(workDir, lossless ? 'reference.mp4' : 'film.mp4');
  const encoding = lossless ? LOSSLESS : sameSettings(timeline).filter((argument) => argument !== '-an');
  const frames = frameOfUs(timeline.durationUs, timeline.fps);
  await promisify(execFile)(
    ffmpeg,
    [
      ...['-hide_banner', '-v', 'error', '-nostdin', '-y', ...inputs, '-filter_complex', graph],
      ...['-map', '[film]', '-map', '[sound]', '-frames:v', String(frames), ...encoding],
      ...['-c:a', 'aac', '-b:a', '192k', '-ar', String(RATE), '-movflags', '+faststart', out],
    ],
    { cwd: workDir, signal },
  );
  return out;
}

const COLOUR = 'setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv';

function pictureGraph(timeline: Timeline): string[] {
  const { canvas, fps, tracks } = timeline;
  const plan = framePlan(timeline);
  const graph: string[] = [];
  const order: string[] = [];
  for (const [index, { transition, body, visible }] of plan.entries()) {
    const next = plan[index + 1];
    const parts = [
      transition.end > transition.start ? { name: `head${index}`, start: transition.start, end: transition.end } : null,
      { name: `body${index}`, start: body.start, end: body.end },
      next !== undefined ? { name: `tail${index}`, start: next.transition.start, end: next.transition.end } : null,
    ].filter((part) => part !== null);
    const length = visible.end - visible.start;
    const cover = `scale=${canvas.width}:${canvas.height}:force_original_aspect_ratio=increase:flags=lanczos:out_color_matrix=bt709:out_range=tv,crop=${canvas.width}:${canvas.height},format=yuv420p,setsar=1,${COLOUR}`;
    const still = `fps=${fps},loop=loop=-1:size=1:start=0,settb=1/${fps},setpts=N,trim=end_frame=${length}`;
    const moving = `[${index}:v]${cover},${still},${motion(tracks.pictures[index]!.motion, length)}`;
    graph.push(`${moving},split=${parts.length}${parts.map(({ name }) => `[${name}s]`).join('')}`);
    for (const { name, start, end } of parts)
      graph.push(
        `[${name}s]trim=start_frame=${start - visible.start}:end_frame=${end - visible.start},setpts=N[${name}]`,
      );
    if (transition.end > transition.start && index > 0) {
      const seconds = ((transition.end - transition.start) / fps).toFixed(6);
      graph.push(
        `[tail${index - 1}][head${index}]xfade=transition=fade:duration=${seconds}:offset=0,format=yuv420p,settb=1/${fps}[fade${index}]`,
      );
      order.push(`[fade${index}]`);
    }
    order.push(`[body${index}]`);
  }
  graph.push(
    `${order.join('')}concat=n=${order.length}:v=1:a=0,settb=1/${fps},setpts=N,ass=captions.ass:fontsdir=fonts,format=yuv420p,${COLOUR}[film]`,
  );
  return graph;
}

/** The window's corners, between pixels, as in the product: `zoompan` would be quicker, and shake. */
function motion({ from, to }: Motion, length: number): string {
  const between = (a: number, b: number) => `(${a}+${(b - a).toFixed(6)}*on/${length})`;
  const zoom = between(from.zoom, to.zoom);
  const left = `W*(1-1/${zoom})*${between(from.x, to.x)}`;
  const top = `H*(1-1/${zoom})*${between(from.y, to.y)}`;
  const [right, bottom] = [`${left}+W/${zoom}`, `${top}+H/${zoom}`];
  const corners = `x0='${left}':y0='${top}':x1='${right}':y1='${top}':x2='${left}':y2='${bottom}':x3='${right}':y3='${bottom}'`;
  return `perspective=${corners}:interpolation=linear:sense=source:eval=frame`;
}

const samples = (us: number): number => Math.round((us * RATE) / 1_000_000);

/** Narration at its places, music ducked under it, brought to the loudness in one pass. */
function soundGraph({ durationUs, tracks }: Timeline, first: number): string[] {
  const { narration, music } = tracks;
  const whole = `apad,atrim=end_sample=${samples(durationUs)}`;
  const format = `aresample=${RATE},aformat=sample_fmts=fltp:channel_layouts=stereo`;
  const tempo = ({ tempo: factor }: NarrationSegment) => (factor === 1 ? '' : `,atempo=${factor}`);
  const voices = narration.map((segment, index) => {
    const placed = `adelay=delays=${samples(segment.startUs)}S:all=1,${whole}`;
    return `[${first + index}:a]${format}${tempo(segment)},volume=${segment.volumeDb}dB,${placed}[n${index}]`;
  });
  const bed = music[0]!;
  const loop = `atrim=start_sample=${BED_ROLL_SAMPLES}:end_sample=${BED_ROLL_SAMPLES + BED_SAMPLES.calm},asetpts=PTS-STARTPTS,aloop=loop=-1:size=${BED_SAMPLES.calm}`;
  const fades = `afade=t=in:d=${bed.fadeInUs / 1e6},afade=t=out:st=${(durationUs - bed.fadeOutUs) / 1e6}:d=${bed.fadeOutUs / 1e6}`;
  return [
    ...voices,
    `${narration.map((_, index) => `[n${index}]`).join('')}amix=inputs=${narration.length}:duration=first:normalize=0,asplit=2[voice][key]`,
    `[${first + narration.length}:a]${format},${loop},atrim=end_sample=${samples(durationUs)},volume=${bed.volumeDb}dB,${fades}[bed]`,
    `[bed][key]sidechaincompress=threshold=0.02:ratio=8:attack=20:release=400:makeup=1[under]`,
    `[voice][under]amix=inputs=2:duration=first:normalize=0,loudnorm=I=-14:TP=-1.5:LRA=20,aresample=${RATE},aformat=channel_layouts=stereo,${whole}[sound]`,
  ];
}

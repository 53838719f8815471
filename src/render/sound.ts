import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MusicSegment, NarrationSegment } from '../timeline/timeline.ts';
import { audioEncoding } from './encoding.ts';
import { BED_ROLL_SAMPLES, BED_SAMPLES, musicBedPath } from './music-beds.ts';
import type { RenderJob } from './job.ts';
import { contentKey, keep, keepPiece, type Kept, temporaryName } from './work-files.ts';

const SAMPLE_RATE = 48_000;
/** What the large platforms play at; the peak is kept half a decibel below the limit, because encoding adds to it. */
const TARGET = { loudness: -14, truePeakDb: -1.5, range: 20 };
/** Below this there is nothing to make louder. */
const SILENCE_LUFS = -70;
/** loudnorm lands farther off than this only when it had to work dynamically; then a gain and a limiter mend it. */
const TOLERANCE_LU = 0.4;
/** Music under narration: above the threshold (of full scale) each `ratio` dB of speech leave one. */
export const DUCKING = { threshold: 0.02, ratio: 8, attackMs: 20, releaseMs: 400 };
/** A recording cut off in a wave clicks: its first and last samples rise and fall over 5 ms. */
const EDGE_SAMPLES = 240;
const EDGE = `afade=t=in:ss=0:ns=${EDGE_SAMPLES}`;
const SOFT_EDGES = [EDGE, 'areverse', EDGE, 'areverse'];
const FORMAT = `aresample=${SAMPLE_RATE},aformat=sample_fmts=fltp:channel_layouts=stereo`;
const PCM = ['-c:a', 'pcm_f32le', '-ar', String(SAMPLE_RATE), '-map_metadata', '-1'];

const samplesOf = (us: number): number => Math.round((us * SAMPLE_RATE) / 1_000_000);

/** The film's whole sound, encoded, exactly as long as the film. Gives the file's name. */
export async function renderSound(job: RenderJob): Promise<Kept> {
  const { timeline, workDir, format, build } = job;
  const { narration, music } = timeline.tracks;
  const encoding = audioEncoding(format);
  const key = contentKey([build, narration, music, timeline.durationUs, encoding]);
  return keepPiece(job, {
    name: `sound-${key}.${encoding.extension}`,
    make: async (temporary) => {
      const voices = await inTurn(narration, (segment) => prepareNarration(segment, job));
      const beds = await inTurn(music, (segment) => prepareMusic(segment, job));
      // Uncompressed and large; what they are made from stays.
      const [mixed, normalised] = [temporaryName('mix.wav'), temporaryName('normalised.wav')];
      try {
        await mix({ voices, beds, job, file: mixed });
        await master({ mixed, normalised, job, output: [...encoding.args, temporary] });
      } finally {
        for (const name of [mixed, normalised]) await rm(join(workDir, name), { force: true });
      }
    },
  });
}

/** Decoded, in our format and tempo. */
async function prepareNarration({ asset, tempo, volumeDb }: NarrationSegment, job: RenderJob): Promise<string> {
  const filters = [FORMAT, ...SOFT_EDGES, ...(tempo === 1 ? [] : [`atempo=${tempo}`]), `volume=${volumeDb}dB`].join(
    ',',
  );
  const { name } = await keep(job.workDir, {
    name: `narration-${contentKey([asset.sha256, filters])}.wav`,
    make: async (temporary) => void (await job.readInput(asset, ['-map', '0:a:0', '-af', filters, ...PCM, temporary])),
  });
  return name;
}

/** Looped to its length, with its volume and fades. */
async function prepareMusic(
  { source, durationUs, volumeDb, fadeInUs, fadeOutUs }: MusicSegment,
  job: RenderJob,
): Promise<string> {
  const samples = samplesOf(durationUs);
  const fadeOut = samplesOf(fadeOutUs);
  // Our beds are loops; of a user's own no more is held in memory than the film needs.
  const loop = source.kind === 'bed' ? [bedLoop(source.name)] : [`atrim=end_sample=${samples}`, ...SOFT_EDGES];
  const filters = [
    FORMAT,
    ...loop,
    `aloop=loop=-1:size=${samples}`,
    `atrim=end_sample=${samples}`,
    `volume=${volumeDb}dB`,
    `afade=t=in:ss=0:ns=${Math.max(1, samplesOf(fadeInUs))}`,
    `afade=t=out:ss=${samples - Math.max(1, fadeOut)}:ns=${Math.max(1, fadeOut)}`,
  ].join(',');
  const { name } = await keep(job.workDir, {
    name: `music-${contentKey([source.kind === 'bed' ? source.name : source.asset.sha256, filters])}.wav`,
    make: async (temporary) => {
      const output = ['-map', '0:a:0', '-af', filters, ...PCM, temporary];
      if (source.kind === 'asset') await job.readInput(source.asset, output);
      else await job.run(['-v', 'error', '-i', `file:${musicBedPath(source.name)}`, ...output]);
    },
  });
  return name;
}

/** The seamless part of a bed's file. */
function bedLoop(name: keyof typeof BED_SAMPLES): string {
  return `atrim=start_sample=${BED_ROLL_SAMPLES}:end_sample=${BED_ROLL_SAMPLES + BED_SAMPLES[name]},asetpts=PTS-STARTPTS`;
}

interface Mix {
  voices: readonly string[];
  beds: readonly string[];
  job: RenderJob;
  file: string;
}

/** Narration at its places; music lowered under it. Always the film's whole length, silent where nothing plays. */
async function mix({ voices, beds, job, file }: Mix): Promise<void> {
  const { narration, music } = job.timeline.tracks;
  const samples = samplesOf(job.timeline.durationUs);
  const whole = `apad,atrim=end_sample=${samples}`;
  const inputs = [...voices, ...beds].flatMap((name) => ['-i', name]);
  const graph: string[] = [];
  graph.push(`anullsrc=r=${SAMPLE_RATE}:cl=stereo,atrim=end_sample=${samples},aformat=sample_fmts=fltp[nothing]`);
  for (const [index, segment] of narration.entries()) {
    graph.push(`[${index}:a]adelay=delays=${samplesOf(segment.startUs)}S:all=1,${whole}[n${index}]`);
  }
  const voiceLabels = narration.map((_, index) => `[n${index}]`).join('');
  const ducking = music.filter(({ ducked }) => ducked).length;
  graph.push(
    `[nothing]${voiceLabels}amix=inputs=${narration.length + 1}:duration=first:normalize=0,asplit=${ducking + 1}[voice]${keys(ducking)}`,
  );
  const { threshold, ratio, attackMs, releaseMs } = DUCKING;
  const compressor = `sidechaincompress=threshold=${threshold}:ratio=${ratio}:attack=${attackMs}:release=${releaseMs}:makeup=1`;
  let key = 0;
  for (const [index, { startUs, ducked }] of music.entries()) {
    const placed = `[${narration.length + index}:a]adelay=delays=${samplesOf(startUs)}S:all=1,${whole}`;
    graph.push(
      ducked && narration.length > 0
        ? `${placed}[d${index}];[d${index}][k${key++}]${compressor}[m${index}]`
        : `${placed}[m${index}]`,
    );
  }
  for (; key < ducking; key++) graph.push(`[k${key}]anullsink`);
  const musicLabels = music.map((_, index) => `[m${index}]`).join('');
  graph.push(`[voice]${musicLabels}amix=inputs=${music.length + 1}:duration=first:normalize=0,${whole}[mix]`);
  await job.run(['-v', 'error', ...inputs, '-filter_complex', graph.join(';'), '-map', '[mix]', ...PCM, file]);
}

const keys = (count: number): string => Array.from({ length: count }, (_, index) => `[k${index}]`).join('');

interface Loudness {
  input_i: string;
  input_tp: string;
  input_lra: string;
  input_thresh: string;
  output_i: string;
  target_offset: string;
}

interface Master {
  mixed: string;
  /** Where it may put what it has brought to the loudness. */
  normalised: string;
  job: RenderJob;
  output: string[];
}

/** Measured, brought to the target loudness, cut to the exact sample, encoded. Silence is left as it is. */
async function master({ mixed, normalised, job, output }: Master): Promise<void> {
  const exact = `aresample=${SAMPLE_RATE},aformat=channel_layouts=stereo,apad,atrim=end_sample=${samplesOf(job.timeline.durationUs)}`;
  const target = `loudnorm=I=${TARGET.loudness}:TP=${TARGET.truePeakDb}:LRA=${TARGET.range}:print_format=json`;
  const measured = await measure(mixed, target, ['-f', 'null', '-'], job);
  if (!(Number(measured.input_i) > SILENCE_LUFS)) {
    await job.run(['-v', 'error', '-i', mixed, '-af', exact, ...output]);
    return;
  }
  const known = [
    `measured_I=${measured.input_i}:measured_TP=${measured.input_tp}:measured_LRA=${measured.input_lra}`,
    `measured_thresh=${measured.input_thresh}:offset=${measured.target_offset}:linear=true`,
  ].join(':');
  const after = await measure(mixed, `${target}:${known},${exact}`, [...PCM, normalised], job);
  const missing = TARGET.loudness - Number(after.output_i);
  const ceiling = (10 ** (TARGET.truePeakDb / 20)).toFixed(4);
  // Limited at four times the rate, so that peaks between samples are held too.
  const mend = `volume=${missing.toFixed(2)}dB,aresample=${SAMPLE_RATE * 4},alimiter=limit=${ceiling}:level=0:attack=2:release=60,`;
  const off = Number.isFinite(missing) && Math.abs(missing) > TOLERANCE_LU;
  await job.run([
    '-v',
    'error',
    '-i',
    normalised,
    '-af',
    `${off ? mend : ''}${exact}`,
    '-map_metadata',
    '-1',
    ...output,
  ]);
}

async function measure(input: string, filters: string, output: readonly string[], job: RenderJob): Promise<Loudness> {
  const { report } = await job.run(['-v', 'info', '-i', input, '-af', filters, ...output]);
  const json = report.slice(report.lastIndexOf('{'), report.lastIndexOf('}') + 1);
  return JSON.parse(json) as Loudness;
}

/** One after another: sound is quick, and the pictures need the machine. */
async function inTurn<In, Out>(items: readonly In[], make: (item: In) => Promise<Out>): Promise<Out[]> {
  const made: Out[] = [];
  for (const item of items) made.push(await make(item));
  return made;
}

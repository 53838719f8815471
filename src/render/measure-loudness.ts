import { runFfmpeg } from './run-ffmpeg.ts';

/** The meter's floor: what it gives for silence. */
const SILENCE_LUFS = -70;

/**
 * A file's integrated loudness and true peak by EBU R 128, of its decoded sound; both null when it is silent.
 * @throws FfmpegError when the sound cannot be decoded.
 */
export async function measureLoudness({
  path,
  ffmpeg,
  signal,
}: {
  path: string;
  ffmpeg: string;
  signal: AbortSignal;
}): Promise<{ loudnessLufs: number | null; truePeakDbtp: number | null }> {
  const args = ['-v', 'info', '-i', `file:${path}`, '-map', '0:a:0', '-af', 'ebur128=peak=true', '-f', 'null', '-'];
  const { report } = await runFfmpeg({ ffmpeg, cwd: '/', signal, args });
  const summary = report.slice(report.lastIndexOf('Summary:'));
  const integrated = Number(/I:\s+(-?[\d.]+) LUFS/.exec(summary)?.[1] ?? -Infinity);
  const peak = Number(/Peak:\s+(-?[\d.]+) dBFS/.exec(summary)?.[1] ?? -Infinity);
  if (!(integrated > SILENCE_LUFS)) return { loudnessLufs: null, truePeakDbtp: null };
  return { loudnessLufs: integrated, truePeakDbtp: Number.isFinite(peak) ? peak : null };
}

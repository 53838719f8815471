import { FfmpegError, runFfmpeg } from './run-ffmpeg.ts';

/** ffmpeg ended by itself, not by a signal, and said no. */
export const isVerdict = (error: unknown): boolean => error instanceof FfmpegError && error.exitCode !== null;

/** What ffmpeg exits with for AVERROR_INVALIDDATA: what it was given is at fault, whatever a second look finds. */
const INVALID_DATA = 183;

/** Whether ffmpeg has failed because of the file that it was given. */
export async function isFilesFault(error: unknown, suspect: Suspect): Promise<boolean> {
  if (!(error instanceof FfmpegError) || error.exitCode === null) return false;
  return error.exitCode === INVALID_DATA || isUnreadable(suspect);
}

interface Suspect {
  path: string;
  /** What is wanted of it, as ffmpeg's -map says; all of it by default. */
  stream?: string;
  ffmpeg: string;
  signal: AbortSignal;
}

/** Whether a file cannot be read at all, without writing anything: a full disk fails as well, and is not its fault. */
export async function isUnreadable({ path, stream = '0', ffmpeg, signal }: Suspect): Promise<boolean> {
  const args = ['-v', 'error', '-xerror', '-i', `file:${path}`, '-map', stream, '-f', 'null', '-'];
  return runFfmpeg({ ffmpeg, cwd: '/', signal, args }).then(
    () => false,
    (error: unknown) => isVerdict(error),
  );
}

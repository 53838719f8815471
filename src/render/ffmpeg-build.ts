import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { contentKey } from './work-files.ts';

/** The first start of a large static binary from a cold disk can take seconds. */
const ASK_TIMEOUT_MS = 20_000;

const known = new Map<string, Promise<string>>();

/** Which ffmpeg a command is, by what it says of its version, its configuration and its libraries. Asked once for each file. */
export async function ffmpegBuild(ffmpeg: string): Promise<string> {
  const file = await stat(ffmpeg).catch(() => null);
  const which = `${ffmpeg} ${file?.ino} ${file?.mtimeMs} ${file?.size}`;
  const asked = known.get(which) ?? ask(ffmpeg);
  known.set(which, asked);
  asked.catch(() => known.delete(which));
  return asked;
}

async function ask(ffmpeg: string): Promise<string> {
  const { stdout } = await promisify(execFile)(ffmpeg, ['-version'], { timeout: ASK_TIMEOUT_MS });
  return contentKey(stdout);
}

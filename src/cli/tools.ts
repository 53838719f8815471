import type { Config } from '../config.ts';
import { findFfmpeg } from '../tools/ffmpeg.ts';
import { findTemporalCli } from '../tools/temporal-cli.ts';

/** Finds, and where needed installs, the programs the product runs; prints where they are. */
export async function tools({ tools: given, cacheDir }: Config): Promise<number> {
  const onNote = (message: string) => void process.stderr.write(`${message}\n`);
  const temporal = await findTemporalCli({ explicitPath: given.temporalCliPath, cacheDir, onNote });
  const ffmpeg = await findFfmpeg({ explicitPath: given.ffmpegPath, cacheDir, onNote });
  process.stdout.write(`temporal  ${temporal.path}  (${temporal.version})\n`);
  process.stdout.write(`ffmpeg    ${ffmpeg.path}  (${ffmpeg.version})\n`);
  return 0;
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { StackUnderTest } from './stack-under-test.ts';

const run = promisify(execFile);

/** The colour a viewer sees at one place and time of a film. */
export async function pixelAt(
  under: StackUnderTest,
  film: string,
  { seconds, x, y }: { seconds: number; x: number; y: number },
): Promise<{ r: number; g: number; b: number }> {
  const { stdout } = await run(
    under.stack.env['FFMPEG_PATH'] ?? '',
    [
      '-v',
      'error',
      '-ss',
      String(seconds),
      '-i',
      film,
      '-frames:v',
      '1',
      '-vf',
      `crop=2:2:${x}:${y}`,
      '-pix_fmt',
      'rgb24',
      '-f',
      'rawvideo',
      '-',
    ],
    { encoding: 'buffer' },
  );
  const [r = 0, g = 0, b = 0] = stdout;
  return { r, g, b };
}

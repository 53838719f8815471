/** Runs a program as the render runs ffmpeg; the test kills this process. Prints the program's number. */
import { runFfmpeg } from '../../src/render/run-ffmpeg.ts';

const [ffmpeg, cwd] = process.argv.slice(2) as [string, string];
await runFfmpeg({
  ...{ ffmpeg, cwd, args: [], signal: new AbortController().signal, noProgressMs: 600_000 },
  // The program says its number as a count of frames.
  onFrame: (pid) => process.stdout.write(`${pid}\n`),
});

/** Renders the film whose timeline is in the given file; the test kills this process. Prints done frames. */
import { readFileSync } from 'node:fs';
import { renderFilm } from '../../src/render/render-film.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';
import { TestAssets } from './fixtures.ts';

const [timelinePath, assetFolder, workDir, ffmpeg] = process.argv.slice(2) as [string, string, string, string];
await renderFilm({
  timeline: JSON.parse(readFileSync(timelinePath, 'utf8')) as Timeline,
  format: 'mp4',
  assetPath: new TestAssets(assetFolder).path,
  workDir,
  ffmpeg,
  threads: 1,
  onProgress: ({ doneFrames, totalFrames, phase }) => process.stdout.write(`${phase} ${doneFrames} ${totalFrames}\n`),
  signal: new AbortController().signal,
});

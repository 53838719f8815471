// One render of the built product in a process of its own, and nothing else in it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const [job] = process.argv.slice(2);
const { renderer, streamed, timeline, assets, workDir, ffmpeg } = JSON.parse(await readFile(job, 'utf8'));
const { encodeAhead, renderFilm } = await import(renderer);
const options = {
  ...{ timeline, workDir, ffmpeg, format: 'mp4' },
  assetPath: ({ sha256 }) => path.join(assets, sha256),
  onProgress: () => {},
  signal: new AbortController().signal,
};
const there = new Set();
for (const { sceneId } of streamed ? timeline.tracks.pictures : []) {
  there.add(sceneId);
  const isWanted = (ids) => ids.includes(sceneId) && ids.every((id) => there.has(id));
  await encodeAhead({ ...options, isWanted });
}
await renderFilm(options);

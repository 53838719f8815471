import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Video } from '../contract/video.ts';
import { saveFile } from './gateway-client.ts';

export type FinishedVideo = Extract<Video, { status: 'success' | 'partial' }>;

/** Puts the film, its cover, its captions and the result into the folder; returns the film's file. */
export async function saveFilm(video: FinishedVideo, folder: string, format: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const film = path.join(folder, `video.${format}`);
  const captions = path.join(folder, 'captions.srt');
  // Of an earlier film there: without captions of its own this one must not seem to have those.
  await rm(captions, { force: true });
  await Promise.all([
    saveFile(video.video_url, film),
    saveFile(video.cover_url, path.join(folder, 'cover.jpg')),
    ...(video.captions_url === null ? [] : [saveFile(video.captions_url, captions)]),
    writeFile(path.join(folder, 'result.json'), `${JSON.stringify(video, null, 2)}\n`),
  ]);
  return film;
}

/** What the film is, truthfully: status, substitutions, cost. */
export function filmInWords(video: FinishedVideo): string[] {
  const lines = video.degradations.map(
    ({ scene_id: scene, what, why, detail, replaced_by: by }) =>
      `  ${scene ?? 'film'} ${what}: ${detail} (${why}); instead: ${by}`,
  );
  return [
    `${video.title}: ${video.duration} s, ${video.status}${video.sandbox ? ', sandbox output' : ''}`,
    ...(lines.length === 0 ? [] : ['Not as asked:', ...lines]),
    costInWords(video),
  ];
}

function costInWords({ cost, sandbox }: FinishedVideo): string {
  if (cost === null) return 'Cost: not known, the ledger cannot be read';
  const paid = sandbox ? ' by the price table; the sandbox charges nothing' : '';
  return `Cost: ${cost.currency} ${cost.total.toFixed(4)} in ${cost.lines.length} calls${paid}`;
}

import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Video } from '../contract/video.ts';
import { relocateDraft } from '../draft/relocate-draft.ts';
import type { McpBridgeClient } from '../client/index.ts';
import { saveFile } from './save-file.ts';

export type FinishedVideo = Extract<Video, { status: 'success' | 'partial' }>;

/** What lies in the folder beside result.json, by what it is. */
export type FilmFiles = { video: string } & Partial<
  Record<'cover' | 'captions' | 'subtitles' | 'draft' | 'draft_folder', string>
>;

const DRAFTS = 'draft';

/** Puts the film and all that belongs to it into the folder, the draft unpacked as well; result.json says what is there. */
export async function saveFilm(client: McpBridgeClient, video: FinishedVideo, folder: string): Promise<FilmFiles> {
  await mkdir(folder, { recursive: true });
  const format = await formatOf(client, video);
  const wanted = [
    ['video', `video.${format}`, video.video_url],
    ['cover', 'cover.jpg', video.cover_url],
    ['captions', 'captions.srt', video.captions_url],
    ['subtitles', 'captions.ass', video.subtitles_url],
    ['draft', 'draft.zip', video.draft_url],
  ] as const;
  const saved = await Promise.all(
    wanted.map(async ([what, name, url]) => {
      const file = path.join(folder, name);
      // Of an earlier film there: without one of its own this one must not seem to have that.
      if (url === null) await rm(file, { force: true });
      else await saveFile(client, url, file);
      return url === null ? [] : [[what, name] as const];
    }),
  );
  const files = { ...(Object.fromEntries(saved.flat()) as FilmFiles), ...(await unpackDraft(video, folder)) };
  await writeFile(path.join(folder, 'result.json'), `${JSON.stringify({ ...video, files }, null, 2)}\n`);
  return files;
}

/** By what the film is: whoever saves it need not have asked for it. */
async function formatOf(client: McpBridgeClient, { video_url: url }: FinishedVideo): Promise<'webm' | 'mp4'> {
  const head = await client.downloadAsset(url, { range: { start: 0, end: 0 } });
  await head.body?.cancel();
  return head.headers.get('content-type') === 'video/webm' ? 'webm' : 'mp4';
}

/** As a folder whose paths hold where it lies: an app that is pointed there opens it. */
async function unpackDraft(
  { draft_id: id, draft_url: url }: FinishedVideo,
  folder: string,
): Promise<Partial<FilmFiles>> {
  if (id === null || url === null) return {};
  const unpacked = await relocateDraft(path.join(folder, 'draft.zip'), path.join(folder, DRAFTS));
  return { draft_folder: `${DRAFTS}/${path.basename(unpacked.folder)}` };
}

/** Where the film is, and what else was saved. */
export function savedInWords({ video, ...rest }: FilmFiles, folder: string): string {
  return `Saved: ${path.join(folder, video)}, and beside it ${[...Object.values(rest), 'result.json'].join(', ')}`;
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

/** What was paid, as far as it is known. */
export function costInWords({ cost, sandbox }: { cost: FinishedVideo['cost']; sandbox: boolean }): string {
  if (cost === null) return 'Cost: not known, the ledger cannot be read';
  const paid = sandbox ? ' by the price table; the sandbox charges nothing' : '';
  const calls = cost.lines.length === 1 ? '1 call' : `${cost.lines.length} calls`;
  return `Cost: ${cost.currency} ${cost.total.toFixed(4)} in ${calls}${paid}`;
}

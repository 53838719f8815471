import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '../../domain/errors.ts';
import { checkDraft } from '../../draft/check-draft.ts';
import { completeDraft } from '../../draft/complete-draft.ts';
import { finishedFolder, type DraftFolder, type UnfinishedFolder } from '../../draft/finished-folder.ts';
import { COVER_FILE } from '../../draft/folder-layout.ts';
import { gatherMedia } from '../../draft/gather-media.ts';
import { writeCover } from '../../draft/gather-pictures.ts';
import { idsOf } from '../../draft/ids.ts';
import type { DraftMedia } from '../../draft/media.ts';
import type { DraftFolderOptions } from '../../draft/write-folder.ts';
import { checkTimeline } from '../../timeline/check.ts';
import { capcutError } from './capcut-errors.ts';
import { checkMade } from './check-made.ts';
import { draftCalls } from './draft-calls.ts';
import type { Capcut, CapcutCall } from './interfaces.ts';

/** What the servers see of this machine. */
export interface CapcutSight {
  /** Where the folder of drafts is for them. */
  draftsRoot: string;
  /** Where they find a file below it: a path, or a URL. */
  sourceOf(file: string): Promise<string>;
}

export interface CapcutDraftOptions extends DraftFolderOptions {
  capcut: Capcut;
  sight: CapcutSight;
}

/** The server counts milliseconds. */
const SLACK_US = 1_000;

/**
 * Has a CapCutAPI server make the draft in our folder of drafts, completes it and checks it as one of our own.
 * `beforeVisible` gets the finished folder while it still has its hidden name.
 * @throws ProviderError when the server fails, or has made something else than it was told; as `writeDraftFolder` for
 * what is wrong with the Timeline or its assets. Nothing half-made stays behind.
 */
export async function writeCapcutFolder<Made>(
  options: CapcutDraftOptions,
  beforeVisible: (made: DraftFolder) => Promise<Made>,
): Promise<DraftFolder & { made: Made }> {
  checkTimeline(options.timeline);
  return finishedFolder(options, { beforeVisible, fill: (unfinished) => fill(unfinished, options) });
}

async function fill(unfinished: UnfinishedFolder, options: CapcutDraftOptions): Promise<string> {
  const { capcut, timeline, signal, sight } = options;
  // Before anything is gathered: most servers that do not serve say so at once.
  const draft = await capcut.begin(timeline.canvas, { signal });
  const gathering = { ...options, folder: join(unfinished.folder, 'media') };
  let media: DraftMedia;
  let calls: CapcutCall[];
  try {
    await mkdir(unfinished.folder);
    media = await gatherMedia(gathering);
    const sources = await sourcesOf(media, { folder: gathering.folder, sight });
    calls = draftCalls(timeline, { media, sourceOf: (file) => sources.get(file)! });
    for (const call of calls) await draft.add(call);
    await draft.save(`${sight.draftsRoot}/${unfinished.folder.slice(options.draftsRoot.length + 1)}`);
  } finally {
    await draft.close();
  }
  signal.throwIfAborted();
  const folder = join(unfinished.folder, draft.id);
  await takenOver(async () => {
    const { placedAt, draftId } = unfinished;
    await completeDraft(folder, { ...options, placedAt, idOf: idsOf(draftId) });
    await writeCover(media.pictures[0]!, { ...gathering, file: join('..', draft.id, COVER_FILE) });
    checkMade(await checkDraft(folder, { placedAt, timeline, slackUs: SLACK_US }), calls);
  });
  return folder;
}

async function sourcesOf(
  { pictures, narration, music }: DraftMedia,
  { folder, sight }: { folder: string; sight: CapcutSight },
): Promise<Map<string, string>> {
  const files = [...new Set([...pictures, ...narration, ...music].map(({ file }) => file))];
  const sources = new Map<string, string>();
  for (const file of files) sources.set(file, await sight.sourceOf(join(folder, file)));
  return sources;
}

/** A draft that the check refuses is the server's fault: another way may make a better one. */
async function takenOver(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    throw capcutError({ kind: 'temporary_failure', code: error.code }, `has not made the draft: ${error.message}`);
  }
}

import { Context } from '@temporalio/activity';
import type { AssetRef } from '../domain/asset.ts';
import { writeDraftFolder } from '../draft/write-folder.ts';
import { zipDraft } from '../draft/zip-draft.ts';
import { assetsOf } from '../timeline/assets-of.ts';
import type { ActivityDeps } from './deps.ts';
import { readTimeline } from './stored-json.ts';

export interface WriteDraftInput {
  videoId: string;
  timeline: AssetRef;
}

export interface WrittenDraft {
  /** The draft's folder in the folder of drafts has this name. */
  draftId: string;
  /** The folder as a ZIP. */
  draft: AssetRef;
}

export function createDraftActivities(deps: ActivityDeps) {
  /** The editable draft of the film: a folder for the app on this machine, and the same as a ZIP for any other. */
  async function writeDraft(input: WriteDraftInput): Promise<WrittenDraft> {
    const { cancellationSignal: signal, info } = Context.current();
    const timeline = await readTimeline(deps.assets, input.timeline);
    const { draftId, made } = await deps.assets.withLocalFiles(assetsOf(timeline), {
      signal,
      work: (assetPath) =>
        writeDraftFolder(
          {
            videoId: input.videoId,
            timeline,
            draftsRoot: deps.draftsRoot,
            // The first attempt's time, so that every attempt writes the same bytes.
            createdAtMs: info.scheduledTimestampMs,
            assetPath,
            ffmpeg: deps.ffmpeg,
            signal,
          },
          async ({ draftId: name, folder }) =>
            deps.assets.put(await zipDraft(folder, { name, signal }), 'application/zip'),
        ),
    });
    return { draftId, draft: made };
  }

  return { writeDraft };
}

import { Context, log } from '@temporalio/activity';
import { draftBy, insteadOf } from '../channels/draft-ways.ts';
import type { AssetRef } from '../domain/asset.ts';
import { ProviderError } from '../domain/errors.ts';
import type { DraftChannel } from '../domain/service.ts';
import type { DraftFolder } from '../draft/finished-folder.ts';
import { writeDraftFolder, type DraftFolderOptions } from '../draft/write-folder.ts';
import { zipDraft } from '../draft/zip-draft.ts';
import { writeCapcutFolder } from '../providers/capcut/write-draft.ts';
import { assetsOf } from '../timeline/assets-of.ts';
import type { ActivityDeps } from './deps.ts';
import { readTimeline } from './stored-json.ts';

/** All ways together, where nobody has set the activity a time limit. */
const WITHIN_MS = 180_000;

export interface WriteDraftInput {
  videoId: string;
  timeline: AssetRef;
}

export interface WrittenDraft {
  /** The draft's folder in the folder of drafts has this name. */
  draftId: string;
  /** The folder as a ZIP. */
  draft: AssetRef;
  /** Who made it. */
  channel?: DraftChannel;
  /** The way that should have, when that is to be announced. */
  insteadOf?: { channel: DraftChannel; why: string };
}

export function createDraftActivities(deps: ActivityDeps) {
  /** The editable draft of the film: a folder for the app on this machine, and the same as a ZIP for any other. */
  async function writeDraft(input: WriteDraftInput): Promise<WrittenDraft> {
    const { cancellationSignal: signal, info } = Context.current();
    const timeline = await readTimeline(deps.assets, input.timeline);
    const { strategy, guard, capcut, sight } = deps.drafts;
    const zipped = async ({ draftId: name, folder }: DraftFolder): Promise<AssetRef> =>
      deps.assets.put(await zipDraft(folder, { name, signal }), 'application/zip');
    const served = await deps.assets.withLocalFiles(assetsOf(timeline), {
      signal,
      work: (assetPath) => {
        const options: DraftFolderOptions = {
          videoId: input.videoId,
          timeline,
          draftsRoot: deps.draftsRoot,
          // The first attempt's time, so that every attempt writes the same bytes.
          createdAtMs: info.scheduledTimestampMs,
          assetPath,
          ffmpeg: deps.ffmpeg,
          signal,
        };
        return draftBy({
          ...{ strategy, guard, capcut, signal, withinMs: info.startToCloseTimeoutMs || WITHIN_MS },
          over: (server, limited) => writeCapcutFolder({ ...options, signal: limited, capcut: server, sight }, zipped),
          byHand: () => writeDraftFolder(options, zipped),
        });
      },
    });
    for (const { channel, error } of served.passedOver)
      log.warn('A way to make the draft failed', { channel, ...told(error) });
    const { draftId, made } = served.answer;
    return { draftId, draft: made, channel: served.channel, ...announced(served) };
  }

  /** A draft that came another way is whole; that its first way is broken is for somebody to know. */
  function announced(
    served: Parameters<typeof insteadOf>[0] & { channel: DraftChannel },
  ): Pick<WrittenDraft, 'insteadOf'> {
    const first = insteadOf(served);
    if (first === null) return {};
    deps.drafts.onFallback({ from: first.channel, to: served.channel });
    if (!deps.drafts.strategy.notification_required) return {};
    log.warn('The draft was made another way than the first that is configured', {
      channel: served.channel,
      insteadOf: first.channel,
      why: first.why,
    });
    return { insteadOf: first };
  }

  return { writeDraft };
}

function told(error: unknown): { reason: string; code?: string | null } {
  const reason = error instanceof Error ? error.message : 'unknown';
  return error instanceof ProviderError ? { reason, code: error.details.code } : { reason };
}

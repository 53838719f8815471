import { ActivityFailure, isCancellation, log, proxyActivities } from '@temporalio/workflow';
import type { Activities, TakeOwnClipInput } from '../activities/index.ts';
import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import { hasTimeFor, type Due } from '../domain/deadline.ts';
import type { BranchOutcome, SceneFailure, SceneOutcome } from '../domain/outcome.ts';
import type { BranchPolicy } from '../domain/run-policy.ts';
import { decode, generate, script } from './profiles.ts';
import { failureOf, settleScenes } from './settle-scenes.ts';

export interface VisualBranchInput {
  videoId: string;
  tenant: string;
  aspectRatio: AspectRatio;
  canvas: Canvas;
  /** sha256 of a picture that all of them take after. */
  referenceImage: string | null;
  maxCost: number | null;
  policy: BranchPolicy;
  /** What clips are made to fit. Not in inputs recorded before there were clips. */
  film?: TakeOwnClipInput['film'];
  /** As the user asked for; not in older inputs. */
  style?: string | null;
  /** What a refused prompt is rewritten with; null, or not there: it is not. */
  rewriting?: ({ theme: string } & Due) | null;
  /** `own`, `ownClip`: the user's picture or clip, by its sha256. */
  scenes: SceneWanted[];
}

interface SceneWanted {
  sceneId: string;
  prompt: string;
  own: string | null;
  ownClip?: string | null;
  /** Why it is not to be bought; not in older inputs. */
  unbought?: SceneFailure | null;
}

/** The seen half of a film: one picture per scene, made or brought. */
export async function visualBranch(input: VisualBranchInput): Promise<BranchOutcome> {
  const { videoId, tenant, aspectRatio, canvas, referenceImage, maxCost, style = null, rewriting = null } = input;
  const { generateStill, takeOwnPicture } = proxyActivities<Activities>(generate(input.policy));
  const { takeOwnClip } = proxyActivities<Activities>(decode(input.policy));
  const { rewritePicturePrompt } = proxyActivities<Activities>(script);

  return settleScenes(
    { branch: 'visual', scenes: input.scenes, width: input.policy.maxConcurrentTasks },
    async ({ sceneId, prompt, own, ownClip = null, unbought = null }): Promise<SceneOutcome> => {
      if (unbought !== null) return failed(sceneId, unbought);
      if (ownClip !== null && input.film !== undefined) {
        const clip = await takeOwnClip({ videoId, sceneId, clip: ownClip, film: input.film });
        return { branch: 'visual', sceneId, status: 'complete', clip };
      }
      if (own !== null)
        return { branch: 'visual', sceneId, status: 'complete', still: await takeOwnPicture({ picture: own }) };
      try {
        return await bought(sceneId, prompt);
      } catch (error) {
        if (rewriting === null || !isRejected(error)) throw error;
        return await boughtInOtherWords({ sceneId, prompt }, { rewriting, refusal: failureOf(error) });
      }
    },
  );

  async function bought(sceneId: string, prompt: string): Promise<SceneOutcome> {
    const order = { videoId, tenant, sceneId, prompt, aspectRatio, canvas, style, referenceImage, maxCost };
    return { branch: 'visual', sceneId, status: 'complete', still: await generateStill(order) };
  }

  /** Once: what is refused a second time stays refused. */
  async function boughtInOtherWords(
    { sceneId, prompt }: { sceneId: string; prompt: string },
    { rewriting, refusal }: { rewriting: { theme: string } & Due; refusal: SceneFailure },
  ): Promise<SceneOutcome> {
    const stands = (why: string) => failed(sceneId, { ...refusal, detail: `${refusal.detail}; ${why}` });
    if (!hasTimeFor('prompt_rewrite', rewriting, Date.now()))
      return stands('its prompt was not rewritten, because the deadline was near');
    const { theme } = rewriting;
    const rewritten = await orNull(rewritePicturePrompt({ videoId, tenant, sceneId, theme, prompt, maxCost }));
    if (rewritten === null) return stands('no other prompt was to be had');
    try {
      return await bought(sceneId, rewritten);
    } catch (error) {
      if (isRejected(error)) return stands('refused again with its prompt rewritten');
      throw error;
    }
  }
}

const failed = (sceneId: string, failure: SceneFailure): SceneOutcome => ({
  ...{ branch: 'visual', sceneId, status: 'failed', failure },
});

const isRejected = (error: unknown): error is ActivityFailure =>
  error instanceof ActivityFailure && !isCancellation(error) && failureOf(error).code === 'content_rejected';

/** What cannot be rewritten stays refused: that is the failure to tell. */
async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.warn('A refused prompt could not be rewritten');
    return null;
  }
}

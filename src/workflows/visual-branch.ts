import { proxyActivities } from '@temporalio/workflow';
import type { Activities, TakeOwnClipInput } from '../activities/index.ts';
import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import type { BranchOutcome, SceneOutcome } from '../domain/outcome.ts';
import type { BranchPolicy } from '../domain/run-policy.ts';
import { decode, generate } from './profiles.ts';
import { settleScenes } from './settle-scenes.ts';

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
  /** `own`, `ownClip`: the user's picture or clip, by its sha256. */
  scenes: { sceneId: string; prompt: string; own: string | null; ownClip?: string | null }[];
}

/** The seen half of a film: one picture per scene, made or brought. */
export async function visualBranch(input: VisualBranchInput): Promise<BranchOutcome> {
  const { videoId, tenant, aspectRatio, canvas, referenceImage, maxCost } = input;
  const { generateStill, takeOwnPicture } = proxyActivities<Activities>(generate(input.policy));
  const { takeOwnClip } = proxyActivities<Activities>(decode(input.policy));

  return settleScenes(
    { branch: 'visual', scenes: input.scenes, width: input.policy.maxConcurrentTasks },
    async ({ sceneId, prompt, own, ownClip = null }): Promise<SceneOutcome> => {
      if (ownClip !== null && input.film !== undefined) {
        const clip = await takeOwnClip({ videoId, sceneId, clip: ownClip, film: input.film });
        return { branch: 'visual', sceneId, status: 'complete', clip };
      }
      const still =
        own === null
          ? await generateStill({ videoId, tenant, sceneId, prompt, aspectRatio, canvas, referenceImage, maxCost })
          : await takeOwnPicture({ picture: own });
      return { branch: 'visual', sceneId, status: 'complete', still };
    },
  );
}

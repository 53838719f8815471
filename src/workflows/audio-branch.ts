import type { BranchOutcome, SceneFailure, SceneOutcome } from '../domain/outcome.ts';
import type { BranchPolicy } from '../domain/run-policy.ts';
import { sceneCalls } from './scene-calls.ts';
import { settleScenes } from './settle-scenes.ts';

export interface AudioBranchInput {
  videoId: string;
  tenant: string;
  voice: string;
  maxCost: number | null;
  policy: BranchPolicy;
  /** `own`: the user's recording of the text, by its sha256. */
  scenes: {
    sceneId: string;
    text: string;
    own: string | null;
    /** Why it is not to be bought; not in older inputs. */
    unbought?: SceneFailure | null;
  }[];
}

/** The spoken half of a film: one narration per scene. */
export async function audioBranch(input: AudioBranchInput): Promise<BranchOutcome> {
  const { videoId, tenant, voice, maxCost } = input;
  const call = sceneCalls(input.policy);

  return settleScenes(
    { branch: 'audio', scenes: input.scenes, width: input.policy.maxConcurrentTasks },
    async ({ sceneId, text, own, unbought = null }): Promise<SceneOutcome> => {
      if (unbought !== null) return { branch: 'audio', sceneId, status: 'failed', failure: unbought };
      const narration = await call(({ synthesizeNarration, takeOwnNarration }) =>
        own === null
          ? synthesizeNarration({ videoId, tenant, sceneId, text, voice, maxCost })
          : takeOwnNarration({ videoId, sceneId, narration: own }),
      );
      return { branch: 'audio', sceneId, status: 'complete', narration };
    },
  );
}

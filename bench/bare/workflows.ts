import { executeChild, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Step } from './worker.ts';

/** As many scenes as the product's run of the same film has. */
export interface BareFilm {
  scenes: number;
}

const { step } = proxyActivities<{ step: Step }>({ startToCloseTimeout: '30s' });

/** The product's run as Temporal alone would have it: the same activities and children in the same order, and nothing in them. */
export async function bareVideo({ scenes }: BareFilm): Promise<void> {
  await step('writeStoryboard');
  const { workflowId } = workflowInfo();
  await Promise.all(
    (['audio', 'visual'] as const).map((branch) =>
      executeChild(bareBranch, { workflowId: `${workflowId}/${branch}`, args: [{ scenes, branch }] }),
    ),
  );
  await step('layOutFilm');
  await Promise.all([step('renderVideo'), step('writeDraft')]);
  await Promise.all([step('closeLedger'), step('discardWork')]);
}

export async function bareBranch({ scenes, branch }: BareFilm & { branch: 'audio' | 'visual' }): Promise<void> {
  const width = branch === 'audio' ? 3 : 5;
  const waiting = Array.from({ length: scenes }, (_, index) => index).values();
  const workThrough = async () => {
    for (const _ of waiting) await step(branch === 'audio' ? 'synthesizeNarration' : 'generateStill');
  };
  await Promise.all(Array.from({ length: Math.min(width, scenes) }, workThrough));
}

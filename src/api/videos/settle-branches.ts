import { WorkflowNotFoundError } from '@temporalio/client';
import { branchWorkflowId } from '../../domain/ids.ts';
import { ApiError } from '../api-error.ts';
import { isUnavailable, type TemporalGate } from '../temporal-gate.ts';

/** A cancelled branch settles what is paid within 8 s. */
const SETTLE_MS = 10_000;

/**
 * Cancels the branches of a run that has ended, and waits until they have closed: those of one that was terminated may
 * still be buying. @throws ApiError STILL_SETTLING when that lasts
 */
export async function settleBranches(gate: TemporalGate, videoId: string, attempt: number): Promise<void> {
  await Promise.all(
    (['audio', 'visual'] as const).map(async (branch) => {
      const workflowId = branchWorkflowId(videoId, branch, attempt);
      try {
        await gate.call((client) => client.workflow.getHandle(workflowId).cancel());
      } catch (error) {
        // It has closed, or never was.
        if (error instanceof WorkflowNotFoundError) return;
        throw error;
      }
      await untilClosed(gate, workflowId);
    }),
  );
}

async function untilClosed(gate: TemporalGate, workflowId: string): Promise<void> {
  const closed = (ask: Parameters<typeof gate.call>[0]) => gate.call(ask, SETTLE_MS);
  try {
    await closed((client) =>
      client.workflow
        .getHandle(workflowId)
        .result()
        // However it ended.
        .catch((error: Error) => {
          if (error.name !== 'WorkflowFailedError') throw error;
        }),
    );
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    const message = 'Branches of this video still settle what is paid. Try again in some seconds.';
    throw new ApiError('STILL_SETTLING', message, { cause: error });
  }
}

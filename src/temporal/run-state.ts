import type { WorkflowExecutionDescription, WorkflowExecutionStatusName } from '@temporalio/client';
import { STAGES, VIDEO_STATUSES, type Stage, type VideoStatus } from '../domain/progress.ts';
import { ASSET_TYPES, type AssetType } from '../domain/video-spec.ts';
import { searchAttributes } from './search-attributes.ts';

/** What Temporal itself says about a run, without asking a worker. */
export interface RunState {
  status: VideoStatus;
  stage: Stage;
  assetType: AssetType;
}

export interface RunAttributes {
  status: string | undefined;
  stage: string | undefined;
  assetType: string | undefined;
}

export const isClosed = (execution: WorkflowExecutionStatusName): boolean =>
  execution !== 'RUNNING' && execution !== 'PAUSED';

export function describedState(run: WorkflowExecutionDescription): RunState {
  const attributes = run.typedSearchAttributes;
  const state = runState(run.status.name, {
    status: attributes.get(searchAttributes.status),
    stage: attributes.get(searchAttributes.stage),
    assetType: attributes.get(searchAttributes.assetType),
  });
  // The run itself may not have noticed yet: no worker, or a long task.
  return !isClosed(run.status.name) && isCancelRequested(run) ? { ...state, status: 'cancelling' } : state;
}

export const isCancelRequested = (run: WorkflowExecutionDescription): boolean =>
  run.raw.workflowExtendedInfo?.cancelRequested === true;

/** How the run ended comes from the execution; what it says of itself counts only while, and as far as, it ran. */
export function runState(execution: WorkflowExecutionStatusName, attributes: RunAttributes): RunState {
  return {
    status: statusOf(execution, oneOf(VIDEO_STATUSES, attributes.status)),
    stage: oneOf(STAGES, attributes.stage) ?? 'script',
    assetType: oneOf(ASSET_TYPES, attributes.assetType) ?? 'text_to_image',
  };
}

function statusOf(execution: WorkflowExecutionStatusName, said: VideoStatus | undefined): VideoStatus {
  switch (execution) {
    case 'COMPLETED':
      return said === 'partial' ? 'partial' : 'success';
    case 'FAILED':
    case 'TIMED_OUT':
      return 'failed';
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    default:
      return said === 'running' || said === 'cancelling' ? said : 'queued';
  }
}

const oneOf = <T extends string>(known: readonly T[], value: string | undefined): T | undefined =>
  known.find((word) => word === value);

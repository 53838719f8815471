import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import { ActivityCancellationType, workflowInfo } from '@temporalio/workflow';
import { withDeferrals } from '../domain/attempts.ts';
import { CAPCUT, RENDER, VISUAL_WAITING, WEBHOOKS } from '../domain/queues.ts';
import type { BranchPolicy } from '../domain/run-policy.ts';

/** A worker that is gone is noticed this soon; heartbeats come every second. */
const HEARTBEAT_TIMEOUT = '5s';

/** Between attempts whose failure names no delay of its own, such as a lost worker. */
const RETRY_SOON = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '16s' } as const;

/** For activities that heartbeat: so many attempts in earnest; the worker's interceptor counts them. */
const attempts = (most: number) => ({ ...RETRY_SOON, maximumAttempts: withDeferrals(most) });

/** Temporal's own, of 1 to 5; 1 goes first. */
const NORMAL_PRIORITY = 3;

/** Glue: reads and writes our own stores. Rides out a store that is away for a while; a fault of ours ends the run then. */
export const quick: ActivityOptions = {
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '10m',
  retry: RETRY_SOON,
};

/** Glue within a workflow's task, which has ten seconds: what takes longer, or fails, is done apart from it. */
export const atOnce: LocalActivityOptions = {
  startToCloseTimeout: '3s',
  scheduleToCloseTimeout: '3s',
  retry: { maximumAttempts: 1 },
};

/** After the story: an account, a folder to be removed. Not worth keeping a run open for. */
export const epilogue: ActivityOptions = {
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '5s',
  retry: { maximumAttempts: 2 },
};

/** A question to our own stores whose answer is welcome, not needed: the film does not wait long for it. */
export const search: ActivityOptions = {
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '10s',
  retry: { ...RETRY_SOON, maximumAttempts: 2 },
};

/** Why a branch is late, which Temporal knows. What nobody can tell in this time does not make the run wait any longer. */
export const look: ActivityOptions = {
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '1m',
  retry: { ...RETRY_SOON, maximumAttempts: 5, nonRetryableErrorTypes: ['NotFoundError'] },
};

/** The script: one paid call, or two when it must be repaired. */
export const script: ActivityOptions = {
  startToCloseTimeout: '3m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: attempts(5),
  // A paid call settles (answer stored, ledger written) before its cancellation counts.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** One paid asset of a branch; the branch's own policy sets queue, time and attempts. */
export const generate = (policy: BranchPolicy): ActivityOptions => ({
  taskQueue: policy.queueName,
  startToCloseTimeout: `${policy.timeoutSeconds}s`,
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: attempts(policy.retryAttempts),
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** A clip under way at a provider: waiting holds no slot of those who buy, and a lost worker takes nothing along. */
export const waiting = (timeoutSeconds: number): ActivityOptions => ({
  taskQueue: VISUAL_WAITING,
  startToCloseTimeout: `${timeoutSeconds + 30}s`,
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: attempts(20),
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** A clip, brought or bought, decoded whole: bound by this machine's cores, not by a provider. */
export const decode = (policy: BranchPolicy): ActivityOptions => ({
  ...generate(policy),
  startToCloseTimeout: '5m',
});

/** The draft: seconds beside a render of minutes. A film is not kept waiting long for a queue that nobody serves. */
export const draft: ActivityOptions = {
  taskQueue: CAPCUT,
  startToCloseTimeout: '3m',
  scheduleToStartTimeout: '2m',
  scheduleToCloseTimeout: '5m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: attempts(3),
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/**
 * ffmpeg: minutes for a long film. A cancelled render is over when its processes are. Each worker that is told to stop
 * hands its render over, which counts as an attempt: enough of them for a rolling restart of many.
 */
export const render: ActivityOptions = {
  taskQueue: RENDER,
  startToCloseTimeout: '45m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: attempts(10),
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** One attempt at a receiver, which has 15 s to answer. Failures of the receiver are answers; ours are tried again until they pass. */
export const notify: ActivityOptions = {
  taskQueue: WEBHOOKS,
  startToCloseTimeout: '1m',
  retry: { ...RETRY_SOON, maximumInterval: '1m' },
};

/**
 * For a film that has something already: it goes before those that have nothing yet, so that of many at once the first is
 * done soon, and not all of them at the end.
 */
export function underWay(options: ActivityOptions): ActivityOptions {
  const { priorityKey = NORMAL_PRIORITY, ...priority } = workflowInfo().priority ?? {};
  return { ...options, priority: { ...priority, priorityKey: Math.max(1, priorityKey - 1) } };
}

/**
 * Segments ahead of the render: what cannot be had here soon, the render encodes. A worker of an earlier release does not
 * know of them.
 */
export const encode: ActivityOptions = {
  ...render,
  scheduleToStartTimeout: '20s',
  retry: { ...attempts(3), nonRetryableErrorTypes: ['NotFoundError'] },
};

/** Likewise. */
export const freeze: ActivityOptions = {
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '1m',
  retry: { ...RETRY_SOON, maximumAttempts: 3 },
};

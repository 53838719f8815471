import type { ActivityOptions } from '@temporalio/workflow';
import { ActivityCancellationType } from '@temporalio/workflow';
import { withDeferrals } from '../domain/attempts.ts';
import { CAPCUT, RENDER, VISUAL_WAITING } from '../domain/queues.ts';
import type { BranchPolicy } from '../domain/run-policy.ts';

/** A worker that is gone is noticed this soon; heartbeats come every second. */
const HEARTBEAT_TIMEOUT = '5s';

/** Between attempts whose failure names no delay of its own, such as a lost worker. */
const RETRY_SOON = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '16s' } as const;

/** For activities that heartbeat: so many attempts in earnest; the worker's interceptor counts them. */
const attempts = (most: number) => ({ ...RETRY_SOON, maximumAttempts: withDeferrals(most) });

/** Glue: reads and writes our own stores. Rides out a store that is away for a while; a fault of ours ends the run then. */
export const quick: ActivityOptions = {
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '10m',
  retry: RETRY_SOON,
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

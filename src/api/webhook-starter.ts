import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { DatabaseUnavailable } from '../database/errors.ts';
import type { Database } from '../database/database.ts';
import { ORCHESTRATION } from '../domain/queues.ts';
import { webhookWorkflowId, type DeliverWebhookInput } from '../domain/webhook.ts';
import type { Logger } from '../log.ts';
import { isClosed } from '../temporal/run-state.ts';
import { noteStarted, noteStopped, roundsToStart, roundsUnderWay, type Round } from '../webhooks/deliveries.ts';
import { isUnavailable, type TemporalGate } from './temporal-gate.ts';

/** The workflow's type; its code belongs to the workers. */
export const DELIVER_WEBHOOK = 'deliverWebhook';

const EVERY_MS = 1_000;
/** How often those under way are held against Temporal: their runs may be ended from outside, or lost. */
const CHECK_EVERY_MS = 60_000;
const CHECK_AFTER_SECONDS = 60;
const AT_ONCE = 50;
/** What a round takes at most beside its pauses. */
const SPARE_SECONDS = 24 * 60 * 60;

export interface StarterOptions {
  database: Database;
  gate: TemporalGate;
  retrySeconds: number[];
  log: Logger;
  signal: AbortSignal;
}

/**
 * Starts a run for each event that waits for its receiver, whoever wrote the event, and however its video ended. Every
 * gateway does it: the run's id is made from the event, so that twice is once.
 */
export async function keepWebhooksStarted(options: StarterOptions): Promise<void> {
  const { log, signal } = options;
  let checkAt = 0;
  while (!signal.aborted) {
    try {
      for (const round of await roundsToStart(options.database, AT_ONCE)) await start(options, round);
      if (Date.now() >= checkAt) {
        await checkUnderWay(options);
        checkAt = Date.now() + CHECK_EVERY_MS;
      }
    } catch (error) {
      // Away, one or the other: the rows wait.
      if (!(error instanceof DatabaseUnavailable) && !isUnavailable(error) && !signal.aborted)
        log.error({ err: error }, 'webhooks could not be started');
    }
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}

async function start({ database, gate, retrySeconds }: StarterOptions, round: Round): Promise<void> {
  const input: DeliverWebhookInput = { deliveryId: round.id, retrySeconds };
  const seconds = retrySeconds.reduce((sum, pause) => sum + pause, SPARE_SECONDS);
  await gate
    .call((client) =>
      client.workflow.start(DELIVER_WEBHOOK, {
        taskQueue: ORCHESTRATION,
        workflowId: webhookWorkflowId(round.id, round.round),
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowExecutionTimeout: `${seconds * 2}s`,
        args: [input],
      }),
    )
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    });
  await noteStarted(database, round);
}

async function checkUnderWay({ database, gate }: StarterOptions): Promise<void> {
  const rounds = await roundsUnderWay(database, { sinceSeconds: CHECK_AFTER_SECONDS, limit: AT_ONCE });
  for (const round of rounds) {
    const workflowId = webhookWorkflowId(round.id, round.round);
    try {
      const { status } = await gate.call((client) => client.workflow.getHandle(workflowId).describe());
      if (isClosed(status.name)) await noteStopped(database, round);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      await noteStarted(database, round, false);
    }
  }
}

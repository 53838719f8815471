import {
  type ActivityOptions,
  isCancellation,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { atOnce } from './profiles.ts';

type Glue = Pick<Activities, 'allotBudget' | 'freezeFilm' | 'layOutFilm' | 'closeLedger' | 'discardWork'>;

const local = proxyLocalActivities<Glue>(atOnce);

/**
 * Work of milliseconds on our own stores is done within the workflow's own task, which saves the server a round trip. What
 * does not succeed there is an activity like any other: Temporal shows it, and tries it again as long as `options` say.
 */
export function glue<Args extends unknown[], Result>(
  named: (activities: Glue) => (...args: Args) => Promise<Result>,
  options: ActivityOptions,
): (...args: Args) => Promise<Result> {
  const [within, apart] = [named(local), named(proxyActivities<Glue>(options))];
  return async (...args) => {
    if (!isLean()) return apart(...args);
    try {
      return await within(...args);
    } catch (error) {
      // Of a local activity the failure itself comes, not wrapped as one of an activity.
      if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
      log.warn('Not done within the task', { why: error.message });
      return apart(...args);
    }
  };
}

/** A run of a release that does so: one mark in its history, also for what earlier releases have marked. */
export const isLean = (): boolean => patched('2026-11-lean');

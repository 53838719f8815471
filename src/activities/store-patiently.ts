import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { StoreUnavailableError } from '../store/store-unavailable.ts';

const PAUSE_MS = 500;
/** What is left of the attempt's time then belongs to the ledger. */
const MARGIN_MS = 5_000;

/**
 * Stores what was paid for. A store that is away for a while is waited for, as long as this attempt may last: given up
 * earlier, the paid answer would be lost and bought once more.
 */
export function patientStorage(): <Stored>(put: () => Promise<Stored>) => Promise<Stored> {
  const endsAt = Date.now() + (Context.current().info.startToCloseTimeoutMs ?? 0) - MARGIN_MS;
  return async (put) => {
    for (;;) {
      try {
        return await put();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || Date.now() + PAUSE_MS > endsAt) throw error;
        await sleep(PAUSE_MS);
      }
    }
  };
}

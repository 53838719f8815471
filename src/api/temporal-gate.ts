import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { ApiError } from './api-error.ts';

/** Beyond this, calls wait on a server that is already late: refusing at once keeps memory and sockets flat. */
const MAX_CALLS_IN_FLIGHT = 512;

/** Every call to Temporal goes through here: none outlives its deadline, and an outage has one name. */
export class TemporalGate {
  readonly client: Client;
  readonly #deadlineMs: number;
  #inFlight = 0;

  constructor(client: Client, deadlineMs: number) {
    this.client = client;
    this.#deadlineMs = deadlineMs;
  }

  /** @throws ApiError TEMPORAL_UNAVAILABLE when there is no answer in time; what Temporal itself answered, otherwise. */
  async call<T>(ask: (client: Client) => Promise<T>, deadlineMs = this.#deadlineMs): Promise<T> {
    if (this.#inFlight >= MAX_CALLS_IN_FLIGHT) throw unavailable('too many calls wait for Temporal');
    this.#inFlight++;
    const answer = this.client
      .withDeadline(Date.now() + deadlineMs, () => ask(this.client))
      .finally(() => this.#inFlight--);
    // gRPC keeps its deadline only once a call is on a channel; the clock here holds always.
    const clock = timer(deadlineMs);
    try {
      return await Promise.race([answer, clock.late]);
    } catch (error) {
      throw isOutage(error) ? unavailable('Temporal did not answer in time', error) : error;
    } finally {
      clock.stop();
    }
  }
}

function timer(ms: number) {
  let stop = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    const timeout = setTimeout(() => reject(new Late()), ms);
    stop = () => clearTimeout(timeout);
  });
  return { late, stop };
}

class Late extends Error {}

/** Everything gRPC says that is not about the run itself. */
function isOutage(error: unknown): boolean {
  return (
    error instanceof Late ||
    error instanceof ServiceError ||
    error instanceof NamespaceNotFoundError ||
    isGrpcServiceError(error)
  );
}

const unavailable = (why: string, cause?: unknown): ApiError =>
  new ApiError(
    'TEMPORAL_UNAVAILABLE',
    `The workflow service cannot be reached (${why}). Try again in a moment, with the same Idempotency-Key if you sent one.`,
    { cause },
  );

export const isUnavailable = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 'TEMPORAL_UNAVAILABLE';

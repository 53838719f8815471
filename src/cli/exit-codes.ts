import {
  ApiError,
  ConnectionError,
  InvalidRequestError,
  NotFoundError,
  RateLimitedError,
  UnavailableError,
} from '../client/index.ts';

/** What a script is told; docs/cli.md has them for people. */
export const DONE = 0;
export const FAILED = 1;
/** It must not be done like this: wrong words on the command line, or a request that is refused. Nothing was touched. */
export const REFUSED = 2;
/** It is done, and not all is as it should be: a backup of a product that had lost something, a video that is `partial`. */
export const LOSSES = 3;
export const VIDEO_FAILED = 4;
/** Cancelled, or ended from outside. */
export const VIDEO_STOPPED = 5;
/** The gateway, or what it needs, does not answer: later it may. */
export const UNAVAILABLE = 6;

/** Of an error that a gateway, or the way to it, has given. */
export function codeOf(error: unknown): number {
  const isOneOf = (...kinds: (abstract new (...args: never[]) => unknown)[]): boolean =>
    kinds.some((kind) => error instanceof kind);
  if (isOneOf(ConnectionError, UnavailableError, RateLimitedError)) return UNAVAILABLE;
  if (isOneOf(InvalidRequestError, NotFoundError)) return REFUSED;
  return error instanceof ApiError && error.status < 500 ? REFUSED : FAILED;
}

import { PROVIDER_ERRORS } from '../domain/error-table.ts';
import { CallDeferred, PermanentError, ProviderError } from '../domain/errors.ts';

/** One way of having something done. */
export interface Way<Name extends string, Answer> {
  channel: Name;
  go(): Promise<Answer>;
}

/** A way that was tried, or was not to be tried now, before another one served. */
export interface PassedOver<Name extends string> {
  channel: Name;
  error: unknown;
}

export interface Served<Name extends string, Answer> {
  channel: Name;
  answer: Answer;
  passedOver: PassedOver<Name>[];
}

interface Settings<Name extends string> {
  primary: Name;
  fallback: readonly Name[];
}

/** The ways to try, in the configuration's order, each once: what is not there is passed over without a word. */
export function inOrder<Name extends string, Answer>(
  { primary, fallback }: Settings<Name>,
  ways: Partial<Record<Name, () => Promise<Answer>>>,
): Way<Name, Answer>[] {
  return [...new Set([primary, ...fallback])].flatMap((channel) => {
    const go = ways[channel];
    return go === undefined ? [] : [{ channel, go }];
  });
}

/**
 * The first way that serves. Whether a failure is the way's own, so that another may do better, `movesOn` says.
 * @throws what the last way threw; when all were put off, the one that may be asked first again.
 */
export async function firstThatServes<Name extends string, Answer>(
  ways: readonly Way<Name, Answer>[],
  movesOn: (error: unknown) => boolean,
): Promise<Served<Name, Answer>> {
  const passedOver: PassedOver<Name>[] = [];
  for (const { channel, go } of ways) {
    try {
      return { channel, answer: await go(), passedOver };
    } catch (error) {
      passedOver.push({ channel, error });
      if (!movesOn(error)) break;
    }
  }
  throw whatToTell(passedOver.map(({ error }) => error));
}

/** For what is bought: a content refused here is refused there, and a second purchase is the desk's to allow. */
export const isTheWaysFault = (error: unknown): boolean =>
  error instanceof CallDeferred
    ? error.reason === 'circuit_open'
    : error instanceof ProviderError && PROVIDER_ERRORS[error.details.kind].elsewhere;

/** Why a way was passed over, without its words: they are for the run's history. */
export function reasonOf(error: unknown): string {
  if (error instanceof CallDeferred) return error.reason;
  if (error instanceof ProviderError) return error.details.kind;
  return error instanceof PermanentError ? error.code : 'internal_error';
}

function whatToTell(errors: readonly unknown[]): unknown {
  const deferred = errors.filter((error) => error instanceof CallDeferred);
  if (deferred.length < errors.length) return errors.findLast((error) => !(error instanceof CallDeferred));
  return deferred.sort((a, b) => a.until - b.until)[0] ?? new Error('no way is configured');
}

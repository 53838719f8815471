import { Readable } from 'node:stream';
import { ProviderError, type ProviderErrorKind } from '../domain/errors.ts';
import type { ServicePool } from './pool.ts';
import { retryAfterMs } from './retry-after.ts';
import { systemCode } from './error-code.ts';
import { readBytes } from './read-bytes.ts';

/**
 * How long an answer to a purchase is waited for. Aborting would not stop the provider from making and billing it, so
 * this is the vendor SDK's own limit, far above what a picture or a script takes.
 */
export const PAID_ANSWER_TIMEOUT_MS = 600_000;

export interface PaidPost {
  pool: ServicePool;
  /** `ark`, `speech`: named in errors. */
  provider: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
  /** Until the answer begins, between two of its pieces, and for all of its body. */
  answerTimeoutMs?: number | undefined;
}

/** What is told of any answer. */
export interface Answered {
  provider: string;
  status: number;
  headers: Record<string, string | string[] | undefined>;
}

export interface PaidAnswer extends Answered {
  body: Readable;
}

/**
 * Sends one request that costs money, exactly once: no retry, no redirect, no way to abort it.
 * Before its first byte went out, a failure is `network_error` (nothing was bought); after that it is `outcome_unknown`.
 */
export async function sendPaidPost(post: PaidPost): Promise<PaidAnswer> {
  const { pool, provider, url, headers, answerTimeoutMs = PAID_ANSWER_TIMEOUT_MS } = post;
  const { origin, pathname, search } = new URL(url);
  const bytes = Buffer.from(JSON.stringify(post.body));
  let sent = false;
  // undici pulls the body when it has a socket to write to, not before; and a generator cannot be sent twice.
  async function* witnessed(): AsyncGenerator<Buffer> {
    sent = true;
    yield bytes;
  }
  try {
    const response = await pool.agent.request({
      origin,
      path: pathname + search,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': String(bytes.length) },
      body: Readable.from(witnessed(), { objectMode: false }),
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
    });
    // Who reads the body sees its errors; one after the reading must not end the process.
    response.body.on('error', () => {});
    // Drops that never stop would keep one of the pool's sockets for ever.
    const giveUp = setTimeout(() => response.body.destroy(new AnswerTimeout()), answerTimeoutMs).unref();
    response.body.once('close', () => clearTimeout(giveUp));
    return { provider, status: response.statusCode, headers: response.headers, body: response.body };
  } catch (cause) {
    if (sent) throw outcomeUnknown({ provider, status: null }, 'gave no answer', systemCode(cause));
    throw neverSent(provider, systemCode(cause));
  }
}

class AnswerTimeout extends Error {
  readonly code = 'AnswerTimeout';
}

/** Reads a whole answer of at most `maxBytes`. A cut one is `outcome_unknown`, unless its status said "refused". */
export async function readAnswer(answer: PaidAnswer, maxBytes: number): Promise<string> {
  const tooLong = () => outcomeUnknown(answer, `answered with more than ${maxBytes} bytes`, 'AnswerTooLarge');
  try {
    return (await readBytes(answer.body, maxBytes, tooLong)).toString('utf8');
  } catch (cause) {
    throw cause instanceof ProviderError ? cause : cutAnswer(answer, systemCode(cause));
  }
}

/** The connection ended inside the answer. */
export function cutAnswer(answer: PaidAnswer, code: string | null): ProviderError {
  if (!isRefusal(answer.status)) return outcomeUnknown(answer, 'ended its answer early', code);
  // Without its reason, only these statuses say more than that the connection broke.
  const kind = kindOfRefusal(answer.status);
  const told = kind === 'permanent' ? 'network_error' : kind;
  return providerError(answer, told, `${answer.provider} refused, and the reason was cut off`, { code });
}

/** An answer that is not the provider's JSON: an error page of something in front of it, or nonsense. */
export function unreadableAnswer(answer: PaidAnswer, told: Told = {}): ProviderError {
  if (!isRefusal(answer.status)) return outcomeUnknown(answer, 'answered in no known form', null);
  return providerError(
    answer,
    kindOfRefusal(answer.status),
    `${answer.provider} refused with HTTP ${answer.status}`,
    told,
  );
}

/** What of a provider's words may stand in an error. */
interface Told {
  code?: string | null;
  requestId?: string | null;
}

/** Whether what was asked for was made cannot be told: at most one more purchase may follow. */
export function outcomeUnknown(
  answer: { provider: string; status: number | null },
  what: string,
  code: string | null,
): ProviderError {
  return new ProviderError(withDetails(`${answer.provider} ${what}: it may have been billed`, { code }), {
    kind: 'outcome_unknown',
    provider: answer.provider,
    code,
    httpStatus: answer.status,
    retryAfterMs: null,
    billed: 'unknown',
  });
}

/** A refusal by the provider itself: nothing was bought. */
export function providerError(
  answer: Answered,
  kind: ProviderErrorKind,
  what: string,
  { code = null, requestId = null }: Told = {},
): ProviderError {
  return new ProviderError(withDetails(what, { code, requestId }), {
    kind,
    provider: answer.provider,
    code,
    httpStatus: answer.status,
    retryAfterMs: retryAfterMs(answer.headers['retry-after']),
    billed: 'no',
  });
}

/** Nothing went out, so that nothing was bought. */
export function neverSent(provider: string, code: string | null): ProviderError {
  return new ProviderError(withDetails(`${provider} could not be reached`, { code }), {
    kind: 'network_error',
    provider,
    code,
    httpStatus: null,
    retryAfterMs: null,
    billed: 'no',
  });
}

/** By HTTP's own meaning of the status the request was not carried out; 408 and 499 say only that someone gave up. */
function isRefusal(status: number): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 499;
}

export function kindOfRefusal(status: number): ProviderErrorKind {
  if (status === 429) return 'rate_limit';
  if (status === 401 || status === 403) return 'provider_auth';
  return 'permanent';
}

function withDetails(
  what: string,
  { code, requestId = null }: { code: string | null; requestId?: string | null },
): string {
  const details = [code, requestId === null ? null : `request ${requestId}`].filter((part) => part !== null);
  return details.length === 0 ? what : `${what} (${details.join(', ')})`;
}

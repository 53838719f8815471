import { systemCode } from '../providers/error-code.ts';
import { BlockedAddress, guardedAgent } from '../providers/guarded-agent.ts';
import { retryAfterMs } from '../providers/retry-after.ts';
import type { SentWebhook } from '../domain/webhook.ts';
import { faultOfTarget } from './target.ts';

/** As the scheme advises: a receiver answers first, and works then. */
const ANSWER_MS = 15_000;
/** A receiver that asks for more patience than a day's gets a day's. */
const LONGEST_PATIENCE_MS = 24 * 60 * 60_000;

interface Letter {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * Sends it once: to the address that its name was found to have, if that is a public one, without following redirects. Only
 * 2xx is taken for received, and 410 for a wish to hear no more.
 */
export async function postWebhook(
  { url, headers, body }: Letter,
  { allowPrivate }: { allowPrivate: boolean },
): Promise<SentWebhook> {
  if (faultOfTarget(url, { allowPrivate }) !== null) return dead('blocked_address');
  const { origin, pathname, search } = new URL(url);
  const agent = guardedAgent({ timeoutMs: ANSWER_MS, isTrusted: () => allowPrivate });
  try {
    const answer = await agent.request({
      ...{ origin, path: pathname + search, method: 'POST', body },
      headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'mcp-bridge-webhooks' },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    // Whatever it says, nobody reads it.
    answer.body.on('error', () => {}).destroy();
    return judged(answer.statusCode, answer.headers['retry-after']);
  } catch (cause) {
    if (cause instanceof BlockedAddress) return dead('blocked_address');
    return failed(systemCode(cause) ?? 'no_answer', null);
  } finally {
    await agent.destroy();
  }
}

function judged(status: number, retryAfter: string | string[] | undefined): SentWebhook {
  if (status >= 200 && status < 300) return { outcome: 'delivered', failure: null, retryAfterSeconds: null };
  if (status === 410) return dead('http_410');
  return failed(`http_${status}`, retryAfterMs(retryAfter, Date.now(), LONGEST_PATIENCE_MS));
}

const dead = (failure: string): SentWebhook => ({ outcome: 'dead', failure, retryAfterSeconds: null });

const failed = (failure: string, afterMs: number | null): SentWebhook => ({
  outcome: 'failed',
  failure,
  retryAfterSeconds: afterMs === null ? null : Math.ceil(afterMs / 1000),
});

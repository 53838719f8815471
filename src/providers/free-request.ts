import { ProviderError } from '../domain/errors.ts';
import { systemCode } from './error-code.ts';
import { type Answered, kindOfRefusal, providerError } from './paid-post.ts';
import type { ServicePool } from './pool.ts';
import { readBytes } from './read-bytes.ts';

/** A question to a provider that costs nothing, and may be asked again. */
export interface FreeRequest {
  pool: ServicePool;
  /** `ark`: named in errors. */
  provider: string;
  method: 'GET' | 'DELETE';
  url: string;
  headers: Record<string, string>;
}

export interface FreeAnswer extends Answered {
  text: string;
}

/** A list of five hundred tasks is below this. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Sends it once. @throws ProviderError `network_error` when no whole answer came, which says nothing of what was bought */
export async function sendFree({ pool, provider, method, url, headers }: FreeRequest): Promise<FreeAnswer> {
  const { origin, pathname, search } = new URL(url);
  try {
    const response = await pool.agent.request({
      ...{ origin, method, path: pathname + search },
      headers: { ...headers, accept: 'application/json' },
    });
    const text = (await readBytes(response.body, MAX_ANSWER_BYTES, () => new Error('too large'))).toString('utf8');
    return { provider, status: response.statusCode, headers: response.headers, text };
  } catch (cause) {
    const code = systemCode(cause);
    throw new ProviderError(`${provider} gave no answer to a question${code === null ? '' : ` (${code})`}`, {
      ...{ kind: 'network_error', provider, code, httpStatus: null, retryAfterMs: null, billed: 'no' },
    });
  }
}

/** Not the provider's JSON, or not a form that is known. Nothing was bought by it. */
export function unreadableFree(answer: Answered): ProviderError {
  const { status } = answer;
  const kind = status >= 300 && status < 500 ? kindOfRefusal(status) : 'temporary_failure';
  return providerError(answer, kind, `${answer.provider} answered a question in no known form (HTTP ${status})`);
}

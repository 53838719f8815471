import { apiError, ApiError, ConnectionError, McpBridgeError } from './errors.ts';
import { pause } from './pause.ts';

export interface TransportOptions {
  baseUrl: string;
  /** Sent with every request, such as an `Authorization` of a proxy before the gateway. */
  headers: Record<string, string>;
  /** Instead of the platform's own. */
  fetch: typeof fetch;
  /** Within which an answer must begin, and, where it is JSON, end. */
  answerMs: number;
  /** How long what may be repeated is repeated. */
  patienceMs: number;
  onRetry: (error: McpBridgeError) => void;
}

export interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below the base URL, with its leading slash. */
  path: string;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  body?: NonNullable<RequestInit['body']>;
  /** Only where a second sending cannot do anything twice. */
  repeatable: boolean;
  signal?: AbortSignal | undefined;
  /** Instead of the transport's own; Infinity for a body that takes as long as it takes. */
  answerMs?: number;
}

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;
/** Timers hold no more than this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** HTTP to one gateway: with time limits, and patience where that is safe. */
export class Transport {
  readonly patienceMs: number;
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.patienceMs = options.patienceMs;
  }

  /** The `data` of an answer in the gateway's envelope. @throws McpBridgeError */
  async json<T>(call: Call): Promise<{ data: T; headers: Headers }> {
    return this.#persistently(call, () =>
      this.#exchange(call, async (response) => {
        const text = await response.text();
        if (response.status === 204) return { data: undefined as T, headers: response.headers };
        return { data: readData<T>(text, response), headers: response.headers };
      }),
    );
  }

  /** An answer whose body the caller reads. @throws McpBridgeError */
  async response(call: Call): Promise<Response> {
    return this.#persistently(call, () => this.#exchange(call, (response) => Promise.resolve(response)));
  }

  async #persistently<T>(call: Call, send: () => Promise<T>): Promise<T> {
    const end = Date.now() + this.patienceMs;
    for (let failures = 0; ; failures++) {
      try {
        return await send();
      } catch (error) {
        if (!call.repeatable || !(error instanceof McpBridgeError) || !error.retryable) throw error;
        const delayMs = delayAfter(error, failures);
        if (Date.now() + delayMs > end) throw error;
        this.#options.onRetry(error);
        await pause(delayMs, call.signal);
      }
    }
  }

  /** One request, read to the end of `read` within the time limit. A caller's abort is thrown as its reason. */
  async #exchange<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    call.signal?.throwIfAborted();
    const answerMs = call.answerMs ?? this.#options.answerMs;
    const limit = new AbortController();
    const timer = answerMs > MAX_TIMER_MS ? undefined : setTimeout(() => limit.abort(), answerMs);
    try {
      const response = await this.#options.fetch(this.#url(call), {
        method: call.method,
        headers: { ...this.#options.headers, ...call.headers },
        signal: call.signal === undefined ? limit.signal : AbortSignal.any([call.signal, limit.signal]),
        ...(call.body === undefined ? {} : { body: call.body }),
        // A body that is a stream can only be sent so.
        ...(call.body instanceof ReadableStream ? { duplex: 'half' } : {}),
      });
      if (!response.ok) throw apiError(response, await response.text());
      return await read(response);
    } catch (error) {
      if (error instanceof McpBridgeError) throw error;
      call.signal?.throwIfAborted();
      const where = `${call.method} ${call.path}`;
      throw limit.signal.aborted
        ? new ConnectionError(`${where}: no answer within ${answerMs} ms`, { code: 'TIMED_OUT', retryable: true })
        : new ConnectionError(`${where}: ${reasonOf(error)}`, {
            ...{ code: 'CONNECTION_FAILED', retryable: true, cause: error },
          });
    } finally {
      clearTimeout(timer);
    }
  }

  #url({ path, query = {} }: Call): string {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value));
    const search = asked.toString();
    return `${this.#options.baseUrl}${path}${search === '' ? '' : `?${search}`}`;
  }
}

/** As long as the gateway asks for; else longer each time, and not all clients at once. */
export function delayAfter(error: McpBridgeError, failures: number): number {
  const asked = error instanceof ApiError ? error.retryAfterMs : null;
  if (asked !== null) return asked;
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** failures) * (0.5 + Math.random() / 2);
}

function readData<T>(text: string, { status, headers }: Response): T {
  const answer = parse(text);
  if (answer?.success === true && 'data' in answer) return answer.data as T;
  throw new ApiError('The answer is none of mcp-bridge: is this the address of its gateway?', {
    ...{ status, code: 'UNEXPECTED_ANSWER', requestId: headers.get('x-request-id'), retryAfterMs: null },
  });
}

function parse(text: string): { success?: unknown; data?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** fetch says only that it failed; its cause says why. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message ?? 'failed';
}

import { createParser } from 'eventsource-parser';
import { ConnectionError, McpBridgeError } from './errors.ts';
import { pause } from './pause.ts';
import { delayAfter, type Transport } from './transport.ts';

/** The gateway lets itself be heard every 15 s: a line that is silent for longer is dead. */
const SILENCE_MS = 45_000;

interface Followed<T> {
  path: string;
  /** The id of the last event that is known. */
  after?: number;
  signal?: AbortSignal | undefined;
  /** Whether the stream is over with this event as its last. */
  isLast: (event: T) => boolean;
}

/**
 * The events of a stream, over as many connections as it takes: each goes on after the last event that was received.
 * @throws McpBridgeError when the gateway refuses, or stays away longer than the transport is patient
 */
export async function* follow<T>(
  transport: Transport,
  { path, after = 0, signal, isLast }: Followed<T>,
): AsyncGenerator<T, void> {
  let last = after;
  let isOver = false;
  let heardAt = Date.now();
  for (let failures = 0; ; failures++) {
    try {
      const onHeard = (): void => void (heardAt = Date.now());
      for await (const { id, event } of connect<T>(transport, { path, last, signal, onHeard })) {
        [last, isOver, failures] = [id ?? last, isLast(event), 0];
        yield event;
      }
      if (isOver) return;
      throw new ConnectionError(`GET ${path}: the stream has ended early`, {
        code: 'CONNECTION_FAILED',
        retryable: true,
      });
    } catch (error) {
      if (error === OVER) return;
      if (!(error instanceof McpBridgeError) || !error.retryable) throw error;
      const delayMs = delayAfter(error, failures);
      if (Date.now() + delayMs > heardAt + transport.patienceMs) throw error;
      await pause(delayMs, signal);
    }
  }
}

/** What a gateway answers to whoever has all there will be (204). */
const OVER = new McpBridgeError('The stream is over.', { code: 'OVER' });

interface Connecting {
  path: string;
  last: number;
  signal: AbortSignal | undefined;
  /** The gateway is there: also when nothing happens for long. */
  onHeard: () => void;
}

async function* connect<T>(
  transport: Transport,
  { path, last, signal, onHeard }: Connecting,
): AsyncGenerator<Received<T>, void> {
  // Whoever stops listening, stops the request.
  const done = new AbortController();
  const response = await transport.response({
    ...{ method: 'GET', path, repeatable: false },
    headers: { Accept: 'text/event-stream', ...(last === 0 ? {} : { 'Last-Event-ID': String(last) }) },
    signal: signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]),
  });
  try {
    if (response.status === 204 || response.body === null) throw OVER;
    yield* eventsIn<T>(response.body, { path, onHeard });
  } finally {
    done.abort();
  }
}

interface Received<T> {
  /** What the next connection goes on after; null when the event has none. */
  id: number | null;
  event: T;
}

async function* eventsIn<T>(
  body: ReadableStream<Uint8Array>,
  { path, onHeard }: Pick<Connecting, 'path' | 'onHeard'>,
): AsyncGenerator<Received<T>, void> {
  const received: Received<T>[] = [];
  const parser = createParser({
    onEvent: ({ id, data }) =>
      void received.push({ id: /^\d+$/.test(id ?? '') ? Number(id) : null, event: parse<T>(data, path) }),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await heard(reader, path);
    if (done) return;
    onHeard();
    parser.feed(decoder.decode(value, { stream: true }));
    yield* received.splice(0);
  }
}

type Chunk = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;

async function heard(reader: ReadableStreamDefaultReader<Uint8Array>, path: string): Promise<Chunk> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(lost(path, `silent for ${SILENCE_MS} ms`, null)), SILENCE_MS);
  });
  try {
    return await Promise.race([
      reader.read().catch((error: unknown) => Promise.reject(lost(path, 'cut', error))),
      silence,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

const lost = (path: string, how: string, cause: unknown): ConnectionError =>
  new ConnectionError(`GET ${path}: the stream was ${how}`, { code: 'CONNECTION_FAILED', retryable: true, cause });

function parse<T>(data: string, path: string): T {
  try {
    return JSON.parse(data) as T;
  } catch (error) {
    throw lost(path, 'no longer readable', error);
  }
}

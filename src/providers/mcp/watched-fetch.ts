import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { Agent, fetch as undiciFetch, type RequestInit as UndiciInit } from 'undici';
import { bounded } from './transport.ts';

/** After the end of a stream without its answer: as long as the client takes to ask for the rest of one that can be resumed. */
const RESUME_MS = 5_000;

export interface WatchedFetchOptions {
  maxAnswerBytes: number;
  maxConnections: number;
  connectTimeoutMs: number;
  /** Longest silence inside of an answer. */
  answerTimeoutMs: number;
}

/**
 * The HTTP below an MCP client. The client hears nothing of a stream that breaks before its answer, and would wait for it
 * to the end of its time: `untilLost` tells. Answers are bounded, and no stream is opened for what a server says unasked.
 */
export function watchedFetch({ maxAnswerBytes, ...limits }: WatchedFetchOptions) {
  const calls = new AsyncLocalStorage<{ bodyEnded(): void }>();
  const agent = new Agent({
    connections: limits.maxConnections,
    connect: { timeout: limits.connectTimeoutMs },
    headersTimeout: limits.answerTimeoutMs,
    bodyTimeout: limits.answerTimeoutMs,
  });

  const fetch: FetchLike = async (url, init) => {
    const headers = new Headers(init?.headers);
    if (init?.method === 'GET' && !headers.has('last-event-id')) return new Response(null, { status: 405 });
    const answer = await undiciFetch(url, { ...(init as unknown as UndiciInit), dispatcher: agent });
    const call = calls.getStore();
    const body =
      answer.body === null ? null : ReadableStream.from(bounded(answer.body, maxAnswerBytes, () => call?.bodyEnded()));
    return new Response(body, { status: answer.status, headers: [...answer.headers] });
  };

  /** As `work` does; rejects with `lost()` when the answer's stream has ended without it. */
  function untilLost<T>(work: () => Promise<T>, lost: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const bodyEnded = () => void sleep(RESUME_MS, undefined, { ref: false }).then(() => reject(lost()));
      calls.run({ bodyEnded }, work).then(resolve, reject);
    });
  }

  return { fetch, untilLost, close: () => agent.destroy() };
}

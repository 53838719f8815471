import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorBody } from '../contract/error-body.ts';
import type { AcceptedVideo, Video } from '../contract/video.ts';

const PATIENCE_MS = 60_000;
const RETRY_MS = 500;
const ANSWER_MS = 15_000;
const DOWNLOAD_MS = 120_000; // the largest film, from this machine

/** The gateway refused, in its own words. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly httpStatus: number;

  constructor(httpStatus: number, message: string) {
    super(message);
    this.httpStatus = httpStatus;
  }
}

/** Orders a film. Repeated while the gateway cannot take it: the key makes all of it one order. */
export async function orderVideo(gatewayUrl: string, request: unknown, signal: AbortSignal): Promise<AcceptedVideo> {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() };
  const order = { method: 'POST', headers, body: JSON.stringify(request) };
  return persistently(() => call<AcceptedVideo>(`${gatewayUrl}/api/v1/generate-video`, order), signal);
}

export async function viewVideo(gatewayUrl: string, id: string, signal: AbortSignal): Promise<Video> {
  return persistently(() => call<Video>(`${gatewayUrl}/api/v1/videos/${id}`), signal);
}

/** Asks the run to end. One that has ended already is not to be cancelled, which is as good. */
export async function cancelVideo(gatewayUrl: string, id: string): Promise<void> {
  try {
    await call(`${gatewayUrl}/api/v1/videos/${id}`, { method: 'DELETE' });
  } catch (error) {
    if (!(error instanceof GatewayError && error.httpStatus === 409)) throw error;
  }
}

/** Saves what is at the address under this name: complete, or not at all. */
export async function saveFile(url: string, file: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
  if (!response.ok || response.body === null)
    throw new GatewayError(response.status, `${url}: HTTP ${response.status}`);
  const part = `${file}.part`;
  try {
    await pipeline(response.body, createWriteStream(part));
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/** A gateway or Temporal that is being started again answers in a moment: asked again until then. */
async function persistently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(RETRY_MS, undefined, { signal })) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      const passing = !(error instanceof GatewayError) || error.httpStatus >= 500;
      if (!passing || Date.now() > end) throw error;
    }
  }
}

async function call<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
  const text = await response.text();
  if (!response.ok) throw new GatewayError(response.status, refusal(text, response.status));
  return (JSON.parse(text) as { data: T }).data;
}

function refusal(text: string, status: number): string {
  try {
    const { error } = JSON.parse(text) as ErrorBody;
    return [error.message, ...error.details.map(({ field, message }) => `  ${field} ${message}`)].join('\n');
  } catch {
    return `The gateway answered ${status}.`;
  }
}

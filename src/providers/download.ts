import type { Agent, Dispatcher } from 'undici';
import { ProviderError, type ProviderErrorKind } from '../domain/errors.ts';
import { BlockedAddress, guardedAgent, withoutBrackets, type Target } from './guarded-agent.ts';
import { MEDIA_TYPES, type MediaFormat, sniffFormat } from './media-type.ts';
import { readBytes } from './read-bytes.ts';
import { retryAfterMs } from './retry-after.ts';
import { systemCode } from './error-code.ts';

export interface DownloadOptions {
  maxBytes: number;
  /** For the whole download, redirects included. */
  timeoutMs: number;
  /** Longest silence of the host, and longest time to connect. */
  idleTimeoutMs: number;
  accept: readonly MediaFormat[];
  /** `host:port` of trusted hosts, such as the sandbox: they may be reached by http and at private addresses. */
  allowedHosts?: readonly string[];
  /** Lets any https host be at a private address: for networks with names of their own. */
  allowPrivateHosts?: boolean;
}

export interface Download {
  bytes: Buffer;
  mediaType: string;
}

/** Object storage may send a reader on once or twice; more is a loop. */
const MAX_REDIRECTS = 3;

/**
 * Fetches what a provider's URL points to. Such URLs are hostile until shown otherwise: scheme, host, the address that is
 * connected to, each redirect, size and content are checked, and no credentials are sent. Nothing here is a purchase.
 */
export async function download(url: string, options: DownloadOptions): Promise<Download> {
  // An agent of its own: the guard belongs to this call, and a file's host is seldom asked twice.
  const agent = guardedAgent({
    timeoutMs: options.idleTimeoutMs,
    isTrusted: (target) => options.allowPrivateHosts === true || isAllowed(target, options),
  });
  const signal = AbortSignal.timeout(options.timeoutMs);
  try {
    const bytes = await fetchBytes(url, { agent, signal, options });
    return { bytes, mediaType: acceptedType(bytes, options.accept) };
  } catch (cause) {
    throw asProviderError(cause, signal);
  } finally {
    await agent.destroy();
  }
}

interface Fetching {
  agent: Agent;
  signal: AbortSignal;
  options: DownloadOptions;
}

async function fetchBytes(url: string, fetching: Fetching): Promise<Buffer> {
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await get(target, fetching);
    if (response.statusCode === 200) return readBody(response, fetching.options.maxBytes);
    const location = redirectTarget(response, target);
    if (location === null) throw refused(response);
    target = location;
  }
  throw failure('permanent', 'BlockedUrl', `the file's host redirects more than ${MAX_REDIRECTS} times`);
}

async function get(url: string, { agent, signal, options }: Fetching): Promise<Dispatcher.ResponseData> {
  const { origin } = checkedUrl(url, options);
  return agent.request({
    origin,
    path: exactPath(url),
    method: 'GET',
    headers: { accept: options.accept.map((format) => MEDIA_TYPES[format]).join(', '), 'accept-encoding': 'identity' },
    signal,
  });
}

/** The checks of the URL itself; where its name leads is checked when it is connected to. */
function checkedUrl(url: string, options: DownloadOptions): URL {
  if (!URL.canParse(url)) throw blocked('is not a URL');
  const target = new URL(url);
  const isTrustedHttp = target.protocol === 'http:' && isAllowed(target, options);
  if (target.protocol !== 'https:' && !isTrustedHttp) throw blocked('is not https');
  if (target.username !== '' || target.password !== '') throw blocked('carries credentials');
  return target;
}

/**
 * Path and query as they were signed: a parsed URL would rewrite some characters. Only what could not stand in a request
 * line is left to the parser.
 */
function exactPath(url: string): string {
  const asWritten = /^https?:\/\/[^/?#\\]*(\/[\x21-\x22\x24-\x7e]*)(#.*)?$/i.exec(url)?.[1];
  const { pathname, search } = new URL(url);
  return asWritten ?? pathname + search;
}

function isAllowed({ hostname, port, protocol }: Target, { allowedHosts = [] }: DownloadOptions): boolean {
  const effectivePort = port || (protocol === 'https:' ? '443' : '80');
  const host = `${withoutBrackets(hostname)}:${effectivePort}`;
  return allowedHosts.some((allowed) => allowed.replace(/[[\]]/g, '') === host);
}

function redirectTarget({ statusCode, headers }: Dispatcher.ResponseData, from: string): string | null {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return null;
  const location = headers.location;
  if (typeof location !== 'string' || location === '') return null;
  if (URL.canParse(location)) return location;
  if (!URL.canParse(location, from)) throw blocked('redirects to no URL');
  return new URL(location, from).href;
}

async function readBody({ body, headers }: Dispatcher.ResponseData, maxBytes: number): Promise<Buffer> {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  // undici itself rejects a body that is not as long as its content-length says.
  return readBytes(body, maxBytes, () => tooLarge(maxBytes));
}

function acceptedType(bytes: Buffer, accept: readonly MediaFormat[]): string {
  const format = sniffFormat(bytes);
  if (format !== null && accept.includes(format)) return MEDIA_TYPES[format];
  throw failure('temporary_failure', 'WrongMediaType', `the file is none of ${accept.join(', ')}`);
}

function refused({ statusCode, headers }: Dispatcher.ResponseData): ProviderError {
  const what = `the file's host answered HTTP ${statusCode}`;
  const details = { httpStatus: statusCode, retryAfterMs: retryAfterMs(headers['retry-after']) };
  if (statusCode === 403 || statusCode === 404) return failure('permanent', 'AssetUrlExpired', what, details);
  if (statusCode === 429) return failure('rate_limit', null, what, details);
  if (statusCode === 408 || statusCode >= 500) return failure('temporary_failure', null, what, details);
  return failure('permanent', null, what, details);
}

function asProviderError(cause: unknown, signal: AbortSignal): ProviderError {
  if (cause instanceof ProviderError) return cause;
  if (cause instanceof BlockedAddress) return blocked('leads to a private address');
  if (signal.aborted) return failure('network_error', 'DownloadTimeout', 'the file did not come in time');
  return failure('network_error', systemCode(cause), 'the file could not be fetched');
}

const blocked = (what: string): ProviderError => failure('permanent', 'BlockedUrl', `the file's URL ${what}`);

const tooLarge = (maxBytes: number): ProviderError =>
  failure('permanent', 'asset_too_large', `the file has more than ${maxBytes} bytes`);

/** The URL is in no message: its query is a signature. */
function failure(
  kind: ProviderErrorKind,
  code: string | null,
  what: string,
  details: { httpStatus?: number; retryAfterMs?: number | null } = {},
): ProviderError {
  const { httpStatus = null, retryAfterMs: wait = null } = details;
  const message = code === null ? what : `${what} (${code})`;
  return new ProviderError(message, { kind, provider: 'download', code, httpStatus, retryAfterMs: wait, billed: 'no' });
}

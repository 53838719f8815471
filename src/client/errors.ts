import type { ErrorBody, ErrorCode, FailedVideo, FieldFault, StoppedVideo } from './types.ts';

/** A code of the contract, or one that a newer gateway, or a proxy before it, has. */
export type Code = ErrorCode | (string & {});

interface Told {
  code: Code;
  details?: FieldFault[];
  retryable?: boolean;
  requestId?: string | null;
  cause?: unknown;
}

/** Every error of this library. */
export class McpBridgeError extends Error {
  override readonly name: string = 'McpBridgeError';
  /** Stable, for programs. */
  readonly code: Code;
  /** Every wrong field; empty when no field is to blame. */
  readonly details: FieldFault[];
  /** Whether the same call can succeed later. */
  readonly retryable: boolean;
  /** Under which the gateway's log has it; null when no gateway has answered. */
  readonly requestId: string | null;

  constructor(message: string, { code, details = [], retryable = false, requestId = null, cause }: Told) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.details = details;
    this.retryable = retryable;
    this.requestId = requestId;
  }
}

/** The gateway, or something before it, has answered with an error. */
export class ApiError extends McpBridgeError {
  override readonly name: string = 'ApiError';
  /** Of HTTP. */
  readonly status: number;
  /** How long it asks to be left alone; null when it does not say. */
  readonly retryAfterMs: number | null;

  constructor(message: string, told: Told & { status: number; retryAfterMs: number | null }) {
    super(message, told);
    this.status = told.status;
    this.retryAfterMs = told.retryAfterMs;
  }
}

/** 400, 413, 415, 416, 422: `details` says what is wrong and what would be right. */
export class InvalidRequestError extends ApiError {
  override readonly name = 'InvalidRequestError';
}

/** 404, 410: no such thing, or none any more. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}

/** 409: not in the state it is in. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
}

/** 401, 403 */
export class NotAllowedError extends ApiError {
  override readonly name = 'NotAllowedError';
}

/** 429: too much at once. */
export class RateLimitedError extends ApiError {
  override readonly name = 'RateLimitedError';
}

/** 502, 503, 504: not now. */
export class UnavailableError extends ApiError {
  override readonly name = 'UnavailableError';
}

/** No answer: the connection failed (`CONNECTION_FAILED`) or took too long (`TIMED_OUT`). */
export class ConnectionError extends McpBridgeError {
  override readonly name = 'ConnectionError';
}

/** The video could not be made. `code` and `message` are the video's own. */
export class VideoFailedError extends McpBridgeError {
  override readonly name = 'VideoFailedError';
  readonly video: FailedVideo;

  constructor(video: FailedVideo) {
    super(video.error.message, { code: video.error.code, retryable: video.error.category === 'TEMPORARY' });
    this.video = video;
  }
}

/** The video was cancelled (`VIDEO_CANCELLED`), or ended from outside (`VIDEO_TERMINATED`). */
export class VideoStoppedError extends McpBridgeError {
  override readonly name = 'VideoStoppedError';
  readonly video: StoppedVideo;

  constructor(video: StoppedVideo) {
    super(`The video ${video.id} was ${video.status}.`, { code: `VIDEO_${video.status.toUpperCase()}` });
    this.video = video;
  }
}

/** The caller's signal has ended the waiting; its reason is the `cause`. Named as what fetch throws then. */
export class WaitAbortedError extends McpBridgeError {
  override readonly name = 'AbortError';
  /** Null when the gateway had not yet answered with one. */
  readonly videoId: string | null;
  /** With it, the same request finds a video that was accepted all the same; null when the caller knows the id. */
  readonly idempotencyKey: string | null;

  constructor(message: string, told: { videoId: string | null; idempotencyKey: string | null; cause: unknown }) {
    super(message, { code: 'ABORTED', retryable: true, cause: told.cause });
    this.videoId = told.videoId;
    this.idempotencyKey = told.idempotencyKey;
  }
}

/** An answer with an error status, in its class. */
export function apiError(response: { status: number; headers: Headers }, text: string): ApiError {
  const { status, headers } = response;
  const body = readErrorBody(text);
  const Kind = KINDS[status] ?? ApiError;
  return new Kind(body?.error.message ?? `HTTP ${status}: ${firstLine(text) ?? 'no message'}`, {
    ...{ status, code: body?.error.code ?? `HTTP_${status}`, details: body?.error.details ?? [] },
    // Without a body of ours a proxy has spoken: of the gateway's errors only some pass.
    retryable: body?.error.retryable ?? PASSING.has(status),
    requestId: body?.request_id ?? headers.get('x-request-id'),
    retryAfterMs: retryAfterMs(headers.get('retry-after')) ?? (body?.error.retry_delay_ms || null),
  });
}

const PASSING = new Set([408, 429, 502, 503, 504]);

const KINDS: Partial<Record<number, typeof ApiError>> = {
  ...{ 400: InvalidRequestError, 413: InvalidRequestError, 415: InvalidRequestError },
  ...{ 416: InvalidRequestError, 422: InvalidRequestError },
  ...{ 401: NotAllowedError, 403: NotAllowedError },
  ...{ 404: NotFoundError, 410: NotFoundError, 409: ConflictError, 429: RateLimitedError },
  ...{ 502: UnavailableError, 503: UnavailableError, 504: UnavailableError },
};

function readErrorBody(text: string): ErrorBody | null {
  try {
    const body = JSON.parse(text) as Partial<ErrorBody> | null;
    return body?.success === false && typeof body.error === 'object' ? (body as ErrorBody) : null;
  } catch {
    return null;
  }
}

const firstLine = (text: string): string | null => /^\s*([^\r\n<]{1,200})/.exec(text)?.[1]?.trim() || null;

/** RFC 9110: seconds, or a date. Null when there is none, or none that can be read. */
export function retryAfterMs(header: string | null, now = Date.now()): number | null {
  if (header === null) return null;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

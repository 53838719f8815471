import type { Request } from 'express';
import { ApiError, fieldError } from '../api-error.ts';

/** A theme has at most 2,000 characters; everything else is short. */
const MAX_JSON_BYTES = 64 * 1024;
/** How long what is still arriving of a refused body is thrown away before the socket is closed, so that the answer gets read. */
const DISCARD_MS = 2000;

/** The body as JSON, whatever its depth, or the 4xx that says why not. */
export async function readJson(req: Request): Promise<unknown> {
  if (isEmpty(req)) throw new ApiError('INVALID_JSON', 'The body is empty: send a JSON object.');
  if (req.is('application/json') === false) {
    throw fieldError('UNSUPPORTED_MEDIA_TYPE', 'Content-Type', 'must be application/json');
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(req.get('content-type') ?? '')?.[1] ?? 'utf-8';
  if (!/^utf-?8$/i.test(charset))
    throw fieldError('UNSUPPORTED_MEDIA_TYPE', 'Content-Type', 'must have charset=utf-8, or none');
  refuseEncoding(req);
  const bytes = Buffer.concat(await readAll(req, MAX_JSON_BYTES));
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's message quotes the body, which is a person's; it goes nowhere.
    throw new ApiError('INVALID_JSON', 'The body is not valid JSON in UTF-8.');
  }
}

/** Compressed bodies could be any size once unpacked; nobody needs them here. */
export function refuseEncoding(req: Request): void {
  const encoding = req.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw fieldError('UNSUPPORTED_MEDIA_TYPE', 'Content-Encoding', 'is not taken: send the body as it is');
}

export const isEmpty = (req: Request): boolean =>
  req.get('transfer-encoding') === undefined && Number(req.get('content-length') ?? 0) === 0;

async function readAll(req: Request, maxBytes: number): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of boundedBody(req, { maxBytes, limit: `${maxBytes / 1024} KB` })) chunks.push(chunk);
  return chunks;
}

/** The body chunk by chunk, refused as soon as it is, or says it is, over the limit; `limit` is that in words. */
export async function* boundedBody(
  req: Request,
  { maxBytes, limit }: { maxBytes: number; limit: string },
): AsyncGenerator<Buffer, void, undefined> {
  if (Number(req.get('content-length') ?? 0) > maxBytes) throw tooLarge(req, limit);
  let seen = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    seen += chunk.byteLength;
    if (seen > maxBytes) throw tooLarge(req, limit);
    yield chunk;
  }
}

function tooLarge(req: Request, limit: string): ApiError {
  discardBody(req);
  return new ApiError('BODY_TOO_LARGE', `The body is larger than ${limit}.`);
}

/** Lets the client read the answer although it is still sending; whoever goes on sending is cut off. */
export function discardBody(req: Request): void {
  // An iterator that was left half way holds the stream back, and with it the next request on this socket.
  req.removeAllListeners('readable');
  setImmediate(() => req.resume());
  const cut = setTimeout(() => req.complete || req.destroy(), DISCARD_MS);
  cut.unref();
  req.once('close', () => clearTimeout(cut));
}

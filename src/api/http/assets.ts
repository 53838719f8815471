import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { Asset } from '../../contract/asset.ts';
import { AssetId } from '../../contract/asset.ts';
import type { AssetRef } from '../../domain/asset.ts';
import { PermanentError } from '../../domain/errors.ts';
import { LOCAL_TENANT } from '../../domain/ids.ts';
import type { AssetStore } from '../../store/asset-store.ts';
import { ApiError, fieldError } from '../api-error.ts';
import { answer } from './answer.ts';
import type { Gateway } from './gateway.ts';
import {
  SNIFFED_BYTES,
  UPLOADABLE_TYPES,
  canonicalMediaType,
  contentDisposition,
  sniffMediaType,
} from './media-type.ts';
import { boundedBody, discardBody, isEmpty, refuseEncoding } from './read-body.ts';
import { assetUrls } from './urls.ts';

/** GET and HEAD /api/v1/assets/:id. The id names the content, so an answer holds for ever. */
export function getAsset({ store, config }: Gateway): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const asset = await findAsset(store, req.params.id);
    const etag = `"${asset.sha256}"`;
    res.set({
      'Content-Type': asset.mediaType,
      'Content-Disposition': contentDisposition(asset.sha256, asset.mediaType),
      'Cache-Control': 'public, max-age=31536000, immutable',
      'Accept-Ranges': 'bytes',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      ETag: etag,
    });
    if (isHeld(req, etag)) {
      res.status(304).end();
      return;
    }
    if (config.redirectDownloads && req.method === 'GET' && (await isRedirected(res, { store, asset }))) return;
    const range = requestedRange(req, { size: asset.sizeBytes, etag });
    if (range === 'unsatisfiable') throw outOfRange(res, asset);
    await send(req, res, { store, asset, range });
  };
}

/** The bytes come from the object store itself; this address stays the one to keep. False when the store has no addresses. */
async function isRedirected(res: Response, { store, asset }: { store: AssetStore; asset: AssetRef }): Promise<boolean> {
  const contentDisposition = String(res.getHeader('Content-Disposition'));
  const url = await store.temporaryUrl(asset, { contentDisposition });
  if (url === null) return false;
  for (const header of ['Content-Disposition', 'Content-Type', 'ETag', 'Accept-Ranges']) res.removeHeader(header);
  // The target expires: nobody may keep the way there.
  res.status(307).set({ Location: url, 'Cache-Control': 'no-store' }).end();
  return true;
}

/** DELETE /api/v1/assets/:id: the upload is not kept and not counted any more. */
export function deleteAsset({ uploads }: Gateway): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const { data: sha256 } = AssetId.safeParse(req.params.id);
    if (sha256 === undefined || !(await uploads.remove({ tenant: LOCAL_TENANT, sha256 })))
      throw new ApiError('ASSET_NOT_FOUND', 'There is no upload with this id.');
    res.status(204).end();
  };
}

/** Whatever else a client says about caching: content that is named by its hash never changes. */
function isHeld(req: Request, etag: string): boolean {
  const held = (req.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return held.includes(etag) || held.includes('*');
}

async function findAsset(store: AssetStore, id: string): Promise<AssetRef> {
  const asset = AssetId.safeParse(id).success ? await store.find(id) : null;
  if (asset === null) throw new ApiError('ASSET_NOT_FOUND', 'There is no asset with this id.');
  return asset;
}

interface ByteRange {
  start: number;
  end: number;
}

/** One range is served; several, or a broken one, get the whole, as RFC 9110 allows. */
function requestedRange(
  req: Request,
  { size, etag }: { size: number; etag: string },
): ByteRange | 'unsatisfiable' | null {
  const condition = req.get('if-range');
  if (condition !== undefined && condition !== etag) return null;
  const ranges = req.range(size, { combine: true });
  if (ranges === -1) return 'unsatisfiable';
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return null;
  return ranges[0] ?? null;
}

function outOfRange(res: Response, asset: AssetRef): ApiError {
  for (const header of ['Content-Disposition', 'ETag', 'Content-Type']) res.removeHeader(header);
  const headers = { 'Content-Range': `bytes */${asset.sizeBytes}`, 'Cache-Control': 'no-store' };
  return new ApiError('RANGE_NOT_SATISFIABLE', `The asset has ${asset.sizeBytes} bytes.`, { headers });
}

async function send(
  req: Request,
  res: Response,
  { store, asset, range }: { store: AssetStore; asset: AssetRef; range: ByteRange | null },
): Promise<void> {
  const { start, end } = range ?? { start: 0, end: asset.sizeBytes - 1 };
  res.set('Content-Length', String(end - start + 1));
  if (range !== null) res.status(206).set('Content-Range', `bytes ${start}-${end}/${asset.sizeBytes}`);
  if (req.method === 'HEAD' || asset.sizeBytes === 0) {
    res.end();
    return;
  }
  try {
    await pipeline(store.open(asset, { start, end }), res);
  } catch (error) {
    // A player that seeks drops the old request: nothing is wrong.
    if (!isClientGone(error)) throw error;
  }
}

const isClientGone = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';

/** POST /api/v1/assets: the bytes as they are, their type checked against what they are. */
export function postAsset({ store, uploads, config }: Gateway): RequestHandler {
  return async (req, res) => {
    if (isEmpty(req)) throw fieldError('INVALID_REQUEST', 'body', 'is empty: send the bytes of the file');
    refuseEncoding(req);
    const claimed = claimedType(req);
    const body = boundedBody(req, {
      maxBytes: config.maxUploadBytes,
      limit: `${config.maxUploadBytes / 1024 ** 2} MB, which MAX_UPLOAD_MB allows`,
    });
    const { head, started } = await readHead(body);
    const mediaType = sniffMediaType(head);
    if (mediaType === null || (claimed !== null && claimed !== mediaType)) {
      discardBody(req);
      throw wrongType(mediaType, claimed);
    }
    const stored = await store
      .put(Readable.from(joined(started, body)), mediaType, {
        maxBytes: config.maxUploadBytes,
        admit: (ref) => uploads.admit(ref, { tenant: LOCAL_TENANT, limits: config.uploadLimits }),
      })
      .catch((error: unknown) => {
        throw isOverLimit(error) ? uploadLimitReached(error) : error;
      });
    const url = assetUrls(req, { config })(stored.sha256);
    const data: Asset = { id: stored.sha256, media_type: stored.mediaType, size_bytes: stored.sizeBytes, url };
    res.location(`/api/v1/assets/${stored.sha256}`);
    answer(res, { status: 201, data, message: 'The asset is stored.' });
  };
}

const isOverLimit = (error: unknown): error is PermanentError =>
  error instanceof PermanentError && error.code === 'too_many_uploads';

const uploadLimitReached = ({ message }: PermanentError): ApiError =>
  new ApiError('UPLOAD_LIMIT_REACHED', `${message} DELETE /api/v1/assets/{id} makes room.`);

/** What curl says by itself: of -F, and of --data-binary. */
const FORM_TYPES = ['multipart/form-data', 'application/x-www-form-urlencoded'];
const RAW_BYTES = "send raw bytes, as curl --data-binary @file -H 'Content-Type: application/octet-stream' does";

/** Null when the client claims nothing: the content alone decides. */
function claimedType(req: Request): string | null {
  const type = (req.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === '' || type === 'application/octet-stream') return null;
  const claimed = canonicalMediaType(type);
  if (UPLOADABLE_TYPES.includes(claimed)) return claimed;
  discardBody(req);
  const formHint = FORM_TYPES.includes(type) ? ` and no form: ${RAW_BYTES}` : '';
  const message = `must be one of ${UPLOADABLE_TYPES.join(', ')}, or application/octet-stream${formHint}`;
  throw fieldError('UNSUPPORTED_MEDIA_TYPE', 'Content-Type', message);
}

function wrongType(found: string | null, claimed: string | null): ApiError {
  const message =
    found === null
      ? `is none of these by its content: ${UPLOADABLE_TYPES.join(', ')}`
      : `is ${found} by its content, and Content-Type says ${claimed ?? 'nothing'}`;
  return fieldError('UNSUPPORTED_MEDIA_TYPE', 'body', message);
}

async function readHead(body: AsyncGenerator<Buffer>): Promise<{ head: Buffer; started: Buffer[] }> {
  const started: Buffer[] = [];
  let size = 0;
  while (size < SNIFFED_BYTES) {
    const next = await body.next();
    if (next.done === true) break;
    started.push(next.value);
    size += next.value.byteLength;
  }
  return { head: Buffer.concat(started).subarray(0, SNIFFED_BYTES), started };
}

async function* joined(started: Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* started;
  yield* rest;
}

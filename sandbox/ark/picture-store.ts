import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import { Refusal, type AcceptedCall, type Answer, type Failure, type IncomingCall, type Route } from '../call.ts';
import type { Painter, PictureOrder } from '../pictures/painter.ts';

const MAX_ORDERS = 20_000;
const MAX_CACHED_BYTES = 256 * 1024 * 1024;
const PATH_PREFIX = '/ark-content-generation/';

const MAX_FILE_BYTES = 512 * 1024 * 1024;

interface StoredFile {
  bytes: Buffer;
  contentType: string;
}

interface StoreSettings {
  seed: number;
  urlTtlSeconds: number;
  painter: Painter;
}

/** Object storage behind presigned links. A picture whose bytes were let go is painted again: it comes out the same. */
export class PictureStore {
  private readonly settings: StoreSettings;
  private readonly orders = new Map<string, PictureOrder>();
  private readonly cached = new Map<string, Buffer>();
  private cachedBytes = 0;
  private readonly files = new Map<string, StoredFile>();
  private fileBytes = 0;

  constructor(settings: StoreSettings) {
    this.settings = settings;
  }

  keep(order: PictureOrder, bytes: Buffer, origin: string): string {
    const name = createHash('sha256').update(JSON.stringify(order)).digest('hex').slice(0, 40);
    const path = `${PATH_PREFIX}${name}.${order.format === 'png' ? 'png' : 'jpeg'}`;
    this.orders.delete(path);
    this.orders.set(path, order);
    forgetOldest(this.orders, () => this.orders.size > MAX_ORDERS);
    this.cache(path, bytes);
    return this.link(path, origin);
  }

  /** What is not painted anew: gone when there are too many after it. Gives its path, for links to it. */
  keepFile(name: string, file: StoredFile): string {
    const path = `${PATH_PREFIX}${name}`;
    this.files.set(path, file);
    this.fileBytes += file.bytes.length;
    forgetOldest(this.files, (gone) => {
      this.fileBytes -= gone?.bytes.length ?? 0;
      return this.fileBytes > MAX_FILE_BYTES;
    });
    return path;
  }

  /** A new presigned URL. */
  link(path: string, origin: string): string {
    const query = presignedQuery(new Date(), this.settings.urlTtlSeconds);
    query.set('X-Tos-Signature', this.sign(path, query));
    return `${origin}${path}?${query.toString()}`;
  }

  async read(path: string): Promise<{ bytes: Buffer; contentType: string } | undefined> {
    const file = this.files.get(path);
    if (file) return file;
    const order = this.orders.get(path);
    if (!order) return undefined;
    const bytes = this.cached.get(path) ?? (await this.settings.painter.paint(order));
    this.cache(path, bytes);
    return { bytes, contentType: order.format === 'png' ? 'image/png' : 'image/jpeg' };
  }

  has(path: string): boolean {
    return this.orders.has(path) || this.files.has(path);
  }

  isSigned(path: string, query: URLSearchParams): boolean {
    const given = Buffer.from(query.get('X-Tos-Signature') ?? '');
    const right = Buffer.from(this.sign(path, query));
    return given.length === right.length && timingSafeEqual(given, right);
  }

  private sign(path: string, query: URLSearchParams): string {
    const unsigned = new URLSearchParams(query);
    unsigned.delete('X-Tos-Signature');
    unsigned.sort();
    return createHmac('sha256', `sandbox-${this.settings.seed}`)
      .update(`GET\n${path}\n${unsigned.toString()}`)
      .digest('hex');
  }

  private cache(path: string, bytes: Buffer): void {
    if (this.cached.delete(path)) this.cachedBytes -= bytes.length;
    this.cached.set(path, bytes);
    this.cachedBytes += bytes.length;
    forgetOldest(this.cached, (gone) => {
      this.cachedBytes -= gone?.length ?? 0;
      return this.cachedBytes > MAX_CACHED_BYTES;
    });
  }
}

/** `isTooMuch` is asked before each removal with what the one before it removed. */
function forgetOldest<T>(map: Map<string, T>, isTooMuch: (gone: T | undefined) => boolean): void {
  let gone: T | undefined;
  while (isTooMuch(gone)) {
    const [oldest] = map.entries();
    if (!oldest) return;
    gone = oldest[1];
    map.delete(oldest[0]);
  }
}

function presignedQuery(now: Date, ttlSeconds: number): URLSearchParams {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return new URLSearchParams({
    'X-Tos-Algorithm': 'TOS4-HMAC-SHA256',
    'X-Tos-Credential': `SANDBOX/${stamp.slice(0, 8)}/cn-beijing/tos/request`,
    'X-Tos-Date': stamp,
    'X-Tos-Expires': String(ttlSeconds),
    'X-Tos-SignedHeaders': 'host',
  });
}

function expiresAt(query: URLSearchParams): number {
  const stamp = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Tos-Date') ?? '');
  if (!stamp) return 0;
  const [year, month, day, hour, minute, second] = stamp.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second) + Number(query.get('X-Tos-Expires')) * 1000;
}

const EXPIRED = { code: 'AccessDenied', status: 403, message: 'Request has expired' };
const BAD_SIGNATURE = {
  code: 'SignatureDoesNotMatch',
  status: 403,
  message: 'The request signature we calculated does not match the signature you provided.',
};
const NO_SUCH_KEY = { code: 'NoSuchKey', status: 404, message: 'The specified key does not exist.' };

export function downloadRoute(store: PictureStore): Route {
  return {
    name: 'download',
    path: `${PATH_PREFIX}:name`,
    accept: (call) => acceptDownload(store, call),
    failure: (failure, call) => xmlFailure(failure, call),
  };
}

function acceptDownload(store: PictureStore, { path, query }: IncomingCall): AcceptedCall {
  if (!store.isSigned(path, query)) throw new Refusal(BAD_SIGNATURE);
  if (Date.now() > expiresAt(query)) throw new Refusal(EXPIRED);
  if (!store.has(path)) throw new Refusal(NO_SUCH_KEY);
  return {
    text: path,
    delayMs: 0,
    work: async () => {
      const picture = await store.read(path);
      if (!picture) throw new Refusal(NO_SUCH_KEY);
      const headers = { 'content-type': picture.contentType, 'cache-control': 'max-age=86400' };
      return { answer: { status: 200, headers, body: picture.bytes }, units: 0, usage: {} };
    },
  };
}

function xmlFailure({ code, status = 403, message = String(code) }: Failure, call: IncomingCall): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${call.requestId}</RequestId></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) };
}

/** The signature binds the method, so a HEAD of a good link fails. */
export function refuseHead(call: IncomingCall): Answer {
  return xmlFailure(BAD_SIGNATURE, call);
}

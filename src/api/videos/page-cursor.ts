import { createHmac, timingSafeEqual } from 'node:crypto';
import { fieldError } from '../api-error.ts';

const SEAL_BYTES = 12;

export interface Sealing {
  /** What the page is of: a cursor of another query is refused. */
  of: string;
  secret: string;
}

/** Where the next page begins, under our seal: clients hand it back as it is, and make none of their own. */
export const sealCursor = (token: Buffer, sealing: Sealing): string =>
  Buffer.concat([seal(token, sealing), token]).toString('base64url');

/** @throws ApiError INVALID_REQUEST for what is not ours, or of another query. */
export function openCursor(cursor: string, sealing: Sealing): Buffer {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(SEAL_BYTES);
  const sealed = bytes.subarray(0, SEAL_BYTES);
  const own = seal(token, sealing);
  if (sealed.length === own.length && timingSafeEqual(sealed, own)) return token;
  throw fieldError('INVALID_REQUEST', 'cursor', 'must be the next_cursor of an earlier answer to the same query');
}

const seal = (token: Buffer, { of, secret }: Sealing): Buffer =>
  createHmac('sha256', secret).update(`cursor\0${of}\0`).update(token).digest().subarray(0, SEAL_BYTES);

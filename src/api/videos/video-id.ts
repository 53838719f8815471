import { createHmac } from 'node:crypto';
import { ulid } from 'ulid';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ID_LENGTH = 26;
const BITS_PER_CHARACTER = 5n;

export const newVideoId = (): string => `v${ulid()}`;

/** The same key of the same tenant gives the same id, and nobody without the secret can tell which. */
export function keyedVideoId(secret: string, tenant: string, idempotencyKey: string): string {
  const digest = createHmac('sha256', secret).update(`${tenant}\0${idempotencyKey}`).digest('hex');
  let bits = BigInt(`0x${digest}`) >> (256n - BITS_PER_CHARACTER * BigInt(ID_LENGTH));
  let id = '';
  for (let i = 0; i < ID_LENGTH; i++) {
    id = `${CROCKFORD[Number(bits & 31n)]}${id}`;
    bits >>= BITS_PER_CHARACTER;
  }
  return `v${id}`;
}

/** Tells two bodies apart without keeping what a person wrote. */
export const bodyHash = (secret: string, body: object): string =>
  createHmac('sha256', secret)
    .update(`body\0${canonicalJson(body)}`)
    .digest('hex');

/** In one order, and without what says nothing: a field that a later release adds must not make an old body another one. */
const canonicalJson = (body: object): string =>
  JSON.stringify(body, (_key, value: unknown) => {
    if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

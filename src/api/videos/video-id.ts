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

/** Flat objects only, which a spec is. */
const canonicalJson = (body: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1))));

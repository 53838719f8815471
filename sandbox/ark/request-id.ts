import { randomBytes } from 'node:crypto';

/** The vendor's shape: `02`, thirteen digits of milliseconds, hex; 53 characters in all. */
export function newRequestId(): string {
  return `02${Date.now()}${randomBytes(19).toString('hex')}`;
}

import { isIP } from 'node:net';
import { isPublicAddress } from '../providers/address-guard.ts';

/**
 * What keeps a URL from being called, as far as the URL itself tells; null when nothing does. Where its name leads is seen
 * when it is called. `allowPrivate`: http, and any address.
 */
export function faultOfTarget(url: string, { allowPrivate }: { allowPrivate: boolean }): string | null {
  if (!URL.canParse(url)) return 'must be an https URL';
  const { protocol, username, password, hostname } = new URL(url);
  if (username !== '' || password !== '') return 'must not carry a user name or a password: requests are signed';
  if (allowPrivate && protocol === 'http:') return null;
  if (protocol !== 'https:') return 'must be an https URL';
  if (!allowPrivate && isInternal(hostname)) return 'leads to an internal address: name a host on the public internet';
  return null;
}

function isInternal(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isIP(host) !== 0) return !isPublicAddress(host);
  return host === 'localhost' || host.endsWith('.localhost') || !host.includes('.');
}

/** What may be told of a URL that is a secret in itself: its host. */
export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'unreadable');

import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { isPublicAddress } from './address-guard.ts';

/** A name or an address that leads to where no public host is. */
export class BlockedAddress extends Error {
  override readonly name = 'BlockedAddress';
}

export interface Target {
  hostname: string;
  port: string;
  protocol: string;
}

interface GuardOptions {
  /** Longest silence of the host, and longest time to connect. */
  timeoutMs: number;
  /** Who may be reached at any address. */
  isTrusted(target: Target): boolean;
}

/**
 * Connects to public addresses only, checked in the very lookup that named them: no name can lead elsewhere between check
 * and connection. Requests to others fail with BlockedAddress.
 */
export function guardedAgent({ timeoutMs: timeout, isTrusted }: GuardOptions): Agent {
  const anywhere = buildConnector({ timeout });
  const publicOnly = buildConnector({ timeout, lookup: publicLookup } as buildConnector.BuildOptions);
  return new Agent({
    headersTimeout: timeout,
    bodyTimeout: timeout,
    connect: (target, callback) => {
      if (isTrusted(target)) return anywhere(target, callback);
      // An address in place of a name is connected to without a lookup.
      const host = withoutBrackets(target.hostname);
      if (isIP(host) !== 0 && !isPublicAddress(host)) return callback(new BlockedAddress('a private address'), null);
      return publicOnly(target, callback);
    },
  });
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '');
    // One private address among public ones is a trick, not a choice.
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
      return callback(new BlockedAddress('a private address'), '');
    if (options.all === true) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};

export const withoutBrackets = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

/** The folder this page lies in is the gateway's base, whatever a proxy before it calls it. */
export const gatewayAddress = (): string => new URL('.', location.href.split('#')[0]).href.replace(/\/$/, '');

/** An asset by the address that this page was loaded from: the policy of its content knows no other. */
export function assetAddress(url: string): string {
  const path = /\/api\/v1\/assets\/[0-9a-f]{64}$/.exec(url)?.[0];
  return path === undefined ? '#' : `${gatewayAddress()}${path}`;
}

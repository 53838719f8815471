import { BlockList, isIP } from 'node:net';

/** Networks that no public file lives in; a URL that leads there is an attack or a mistake. */
const NOT_PUBLIC: readonly (readonly [network: string, prefix: number, type: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  // Nobody, this machine, and IPv4 addresses in a form of long ago.
  ['::', 96, 'ipv6'],
  // Where packets are thrown away.
  ['100::', 64, 'ipv6'],
  // Tunnels and translations that carry an IPv4 address of any kind inside.
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2001::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

const blocked = new BlockList();
for (const [network, prefix, type] of NOT_PUBLIC) blocked.addSubnet(network, prefix, type);

/** Whether an IP address (also an IPv4 one in IPv6's form) may be a host on the public internet. */
export function isPublicAddress(address: string): boolean {
  const plain = address.split('%')[0] ?? address;
  const version = isIP(plain);
  return version !== 0 && !blocked.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}

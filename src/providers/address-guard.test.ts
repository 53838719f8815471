import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isPublicAddress } from './address-guard.ts';

const PRIVATE = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.9.9.9',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::7f00:1',
  '100::1',
  '192.88.99.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'fc00::1',
  'fd12::1',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  'not an address',
  '',
];
for (const address of PRIVATE) {
  it(`${address} is not public`, () => assert.equal(isPublicAddress(address), false));
}

const PUBLIC = ['1.1.1.1', '172.32.0.1', '100.128.0.1', '203.0.114.1', '2606:4700::1111', '::ffff:1.1.1.1'];
for (const address of PUBLIC) {
  it(`${address} is public`, () => assert.equal(isPublicAddress(address), true));
}

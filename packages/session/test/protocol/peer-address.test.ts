import { expect, it } from 'vitest'
import { peerAddress } from '../../src/protocol/peer-address.ts'

it.each([
  ['192.0.2.1:5000', { address: '192.0.2.1', port: 5_000 }],
  ['[2001:db8::1]:65535', { address: '2001:db8::1', port: 65_535 }],
  ['2001:db8::1:5000', undefined],
  ['[192.0.2.1]:5000', undefined],
  ['[fe80::1%eth0]:5000', undefined],
  ['host.example:5000', undefined],
  ['192.0.2.1', undefined],
  ['192.0.2.1:0', undefined],
  ['192.0.2.1:65536', undefined],
  ['192.0.2.256:1', undefined],
  ['', undefined],
  [`[${'1:'.repeat(40)}1]:1`, undefined],
])('%s', (text, expected) => {
  expect(peerAddress(text)).toEqual(expected)
})

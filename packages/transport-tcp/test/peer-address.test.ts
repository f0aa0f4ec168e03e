import { expect, it } from 'vitest'
import { peerAddress } from '../src/peer-address.ts'

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '::ffff:c000:201'],
  ['2001:db8::1', '2001:db8::1'],
])('peerAddress(%s)', (address, known) => {
  expect(peerAddress(address, 7)).toEqual({ address: known, port: 7 })
})

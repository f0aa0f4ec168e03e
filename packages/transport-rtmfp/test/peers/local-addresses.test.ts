import type { NetworkInterfaceInfo } from 'node:os'
import { expect, it } from 'vitest'
import { localAddresses } from '../../src/peers/local-addresses.ts'

const at = (address: string, internal = false) => ({ address, internal }) as NetworkInterfaceInfo

it('are told to peers as far as these can reach them', () => {
  const interfaces = {
    lo: [at('127.0.0.1', true), at('::1', true)],
    eth0: [at('192.0.2.1'), at('2001:db8::1'), at('fe80::1'), at('169.254.1.1')],
    none: undefined,
  }
  expect(localAddresses(5_000, interfaces)).toEqual(['192.0.2.1:5000', '[2001:db8::1]:5000'])
})

it('are sixteen at most', () => {
  const eth0 = Array.from({ length: 40 }, (_, index) => at(`192.0.2.${index + 1}`))
  expect(localAddresses(5_000, { eth0 })).toHaveLength(16)
})

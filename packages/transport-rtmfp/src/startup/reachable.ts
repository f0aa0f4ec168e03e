import { BlockList, isIPv4 } from 'node:net'
import type { Endpoint } from '../wire/address.ts'

/** Addresses of this machine or this link, and of many: nobody far away may send us there. */
const near = new BlockList()
near.addSubnet('0.0.0.0', 8)
near.addSubnet('127.0.0.0', 8)
near.addSubnet('169.254.0.0', 16)
near.addAddress('::', 'ipv6')
near.addAddress('::1', 'ipv6')
near.addSubnet('fe80::', 10, 'ipv6')

const many = new BlockList()
many.addSubnet('224.0.0.0', 3)
many.addSubnet('ff00::', 8, 'ipv6')

/** Whether datagrams may go to an address that was told by somebody at `teller`. */
export function isReachable(told: Endpoint, teller: Endpoint): boolean {
  if (told.port === 0 || isIn(many, told)) return false
  return !isIn(near, told) || isIn(near, teller)
}

function isIn(list: BlockList, { address }: Endpoint): boolean {
  if (isIPv4(address)) return list.check(address)
  // Without the interface that link-local ones may name.
  return list.check(address.split('%', 1)[0] as string, 'ipv6')
}

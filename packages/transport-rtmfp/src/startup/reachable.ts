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

/** Addresses that many networks have inside. */
const inner = new BlockList()
inner.addSubnet('10.0.0.0', 8)
inner.addSubnet('100.64.0.0', 10)
inner.addSubnet('172.16.0.0', 12)
inner.addSubnet('192.168.0.0', 16)
inner.addSubnet('fc00::', 7, 'ipv6')

const many = new BlockList()
many.addSubnet('224.0.0.0', 3)
many.addSubnet('ff00::', 8, 'ipv6')

/** Whether datagrams may go to an address that was told by somebody at `teller`. */
export function isReachable(told: Endpoint, teller: Endpoint): boolean {
  if (told.port === 0 || isIn(many, told)) return false
  return !isIn(near, told) || isIn(near, teller)
}

/**
 * Whether somebody at `seen` may have that address, as far as can be told: it is the same machine, or one of an inner network.
 * Others could be of somebody who never asked.
 */
export function isOwn(told: Endpoint, seen: Endpoint): boolean {
  return isReachable(told, seen) && (told.address === seen.address || isIn(inner, told))
}

/** Whether somebody at `teller` may have seen that address: nobody far away sees inner ones. */
export function isVisible(told: Endpoint, teller: Endpoint): boolean {
  return isReachable(told, teller) && (!isIn(inner, told) || isIn(inner, teller) || isIn(near, teller))
}

function isIn(list: BlockList, { address }: Endpoint): boolean {
  if (isIPv4(address)) return list.check(address)
  // Without the interface that link-local ones may name.
  return list.check(address.split('%', 1)[0] as string, 'ipv6')
}

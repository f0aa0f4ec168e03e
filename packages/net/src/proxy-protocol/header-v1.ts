import { isIPv4, isIPv6 } from 'node:net'
import { canonicalAddress } from '../trust/canonical-address.ts'
import { ProxyProtocolError } from './proxy-protocol-error.ts'
import type { Remote } from './remote.ts'

/** §2.1: one space between the fields, ports without zeros ahead. */
const line = /^PROXY (TCP4|TCP6) ([0-9a-fA-F:.]{2,45}) ([0-9a-fA-F:.]{2,45}) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/

/** The line of version 1, without its end. @throws ProxyProtocolError */
export function readHeaderV1(text: string): Remote | undefined {
  // Whatever follows is to be ignored.
  if (/^PROXY UNKNOWN(?: |$)/.test(text)) return undefined
  const [, family, from = '', to = '', fromPort, toPort] = line.exec(text) ?? []
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6
  const ports = [Number(fromPort), Number(toPort)]
  const address = canonicalAddress(from)
  if (family !== undefined && isAddress(from) && isAddress(to) && address !== undefined) {
    const [port = 0] = ports
    if (ports.every(each => each <= 65_535)) return { address, port }
  }
  throw new ProxyProtocolError('RTMP_ERR_PROXY_HEADER', 'the PROXY header of version 1 is broken')
}

import { canonicalAddress } from '../trust/canonical-address.ts'
import { ProxyProtocolError } from './proxy-protocol-error.ts'
import type { Remote } from './remote.ts'

/** §2.2: no line of text, and no TLS, begins like it. */
export const signatureV2: Buffer = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
/** Bytes up to the length of the rest, and with it. */
export const headV2Length = 16

const local = 0x20
const proxy = 0x21
/** Address family and protocol: what is over TCP. Others (UDP, Unix sockets) say nothing that we could use. */
const tcp4 = 0x11
const tcp6 = 0x21

/** How many bytes follow the first 16. */
export function lengthV2(head: Buffer): number {
  return head.readUInt16BE(14)
}

/** A whole header of version 2. What stands behind the addresses (TLVs) is passed over. @throws ProxyProtocolError */
export function readHeaderV2(header: Buffer): Remote | undefined {
  const [command, family] = [header[12], header[13]]
  if (command !== local && command !== proxy) throw broken('a version or command that there is not')
  // §2.2: whoever gets LOCAL uses the connection's own addresses, and takes no notice of the rest.
  if (command === local) return undefined
  if (family === tcp4) return source(header, 4)
  if (family === tcp6) return source(header, 16)
  return undefined
}

/** Source and destination addresses, then both ports. */
function source(header: Buffer, length: number): Remote {
  if (header.length < headV2Length + 2 * length + 4) throw broken('too few bytes for its addresses')
  const bytes = header.subarray(headV2Length, headV2Length + length)
  const port = header.readUInt16BE(headV2Length + 2 * length)
  if (length === 4) return { address: bytes.join('.'), port }
  const text = bytes.toString('hex').replace(/(?<=.)(?=(?:.{4})+$)/g, ':')
  return { address: canonicalAddress(text) ?? text, port }
}

function broken(what: string): ProxyProtocolError {
  return new ProxyProtocolError('RTMP_ERR_PROXY_HEADER', `the PROXY header of version 2 is broken: it has ${what}`)
}

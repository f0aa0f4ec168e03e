import { isIPv4 } from 'node:net'
import type { ByteReader } from './byte-reader.ts'
import { written } from './byte-writer.ts'
import { WireError } from './wire-error.ts'

/** Where datagrams come from and go to. */
export interface Endpoint {
  /** IP address. */
  readonly address: string
  /** Port of UDP. */
  readonly port: number
}

/** How an address came to be known (RFC 7016 §2.1.5). */
export const AddressOrigin = { Other: 0, Reported: 1, Observed: 2, Relay: 3 } as const
export type AddressOrigin = (typeof AddressOrigin)[keyof typeof AddressOrigin]

/** An endpoint as it is told to others. */
export interface Address extends Endpoint {
  readonly origin: AddressOrigin
}

const IPV6 = 0x80
const ORIGIN = 0x03

/** @throws WireError for less bytes than it has */
export function readAddress(reader: ByteReader): Address {
  const flags = reader.u8()
  const bytes = reader.take((flags & IPV6) === 0 ? 4 : 16)
  const address = bytes.length === 4 ? bytes.join('.') : textOfIPv6(bytes)
  return { address, port: reader.u16(), origin: (flags & ORIGIN) as AddressOrigin }
}

/** @throws WireError for what is no IP address */
export function encodeAddress({ address, port, origin }: Address): Buffer {
  const bytes = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : bytesOfIPv6(address)
  const flags = origin | (bytes.length === 16 ? IPV6 : 0)
  return written(1 + bytes.length + 2, writer => writer.u8(flags).put(bytes).u16(port))
}

function textOfIPv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  // The form that the system gives, so that addresses can be compared as texts.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

function bytesOfIPv6(address: string): Buffer {
  const bare = URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : undefined
  if (bare === undefined) throw new WireError(`${address} is no IP address`)
  const [head = '', tail] = bare.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from<string>({ length: tail === undefined ? 0 : 8 - before.length - after.length }).fill('0')
  const bytes = Buffer.alloc(16)
  for (const [index, group] of [...before, ...zeros, ...after].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2)
  return bytes
}

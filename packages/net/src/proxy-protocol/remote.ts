import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { canonicalAddress } from '../trust/canonical-address.ts'

/** An address and port at one end of a connection. */
export interface Remote {
  /** IP address; IPv4 is written as such on a socket that takes both families. */
  readonly address: string
  /** 0 to 65,535. */
  readonly port: number
}

/** The peer of a socket; undefined when it is gone already and with it its address. */
export function remoteOf({ remoteAddress, remotePort }: Socket): Remote | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  return { address: canonicalAddress(remoteAddress) ?? remoteAddress, port: remotePort }
}

/** Lets a socket that wraps another, such as one of TLS, tell the same as it, where that is not the wire's own address. */
export function copyRemote(from: Duplex, to: Socket): void {
  const remote = Object.hasOwn(from, 'remoteAddress') ? remoteOf(from as Socket) : undefined
  if (remote !== undefined) setRemote(to, remote)
}

/** Makes `remoteAddress` and `remotePort` of a socket tell what a proxy has told: whoever reads them sees the client. */
export function setRemote(socket: Socket, { address, port }: Remote): void {
  Object.defineProperties(socket, {
    remoteAddress: { value: address, configurable: true },
    remotePort: { value: port, configurable: true },
    remoteFamily: { value: address.includes(':') ? 'IPv6' : 'IPv4', configurable: true },
  })
}

import type { Duplex } from 'node:stream'
import { canonicalAddress } from '@rtmpipe/net'

/** An address and port at one end of a connection. */
export interface PeerAddress {
  /** IP address; IPv4 is written as such on a socket that takes both families. */
  readonly address: string
  /** Of the request that opened the session; 0 when a proxy that the server trusts stood between. */
  readonly port: number
}

/** One tunnel session as a byte connection, accepted or dialled. */
export interface TunnelConnection {
  /**
   * The bytes in both directions, half-open: `end()` closes one direction only. The writable side holds what the
   * client has not fetched yet. An error that nobody listens to does no harm.
   */
  readonly stream: Duplex
  /** By the scheme of its URL. */
  readonly transport: 'rtmpt' | 'rtmpts'
  /** True when the HTTP requests come encrypted. */
  readonly secure: boolean
  /** The peer's end, as of the request that opened the session. */
  readonly remote: PeerAddress
  /** What is written between two requests goes out together. */
  readonly gathers: true
  /** Accepted: whether the client has not polled for much longer than it was told to, and may be gone. */
  readonly seemsGone?: () => boolean
}

/** Describes a session's stream. */
export function tunnelConnection(
  stream: Duplex,
  secure: boolean,
  address: string,
  port: number,
  seemsGone?: () => boolean,
): TunnelConnection {
  return {
    stream,
    transport: secure ? 'rtmpts' : 'rtmpt',
    secure,
    remote: peerAddress(address, port),
    gathers: true,
    ...(seemsGone && { seemsGone }),
  }
}

/** IPv4 peers of a dual-stack socket go by the address they are known by. */
export function peerAddress(address: string, port: number): PeerAddress {
  return { address: canonicalAddress(address) ?? address, port }
}

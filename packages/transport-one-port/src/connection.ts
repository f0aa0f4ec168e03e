import type { Duplex } from 'node:stream'

/** An address and port at one end of a connection. */
export interface PeerAddress {
  /** IP address. */
  readonly address: string
  /** 0 where a proxy that the server trusts stood between and told no port. */
  readonly port: number
}

/** A connection that speaks RTMP, whichever way it came. */
export interface OnePortConnection {
  /** The bytes of RTMP in both directions; half-open. */
  readonly stream: Duplex
  /** The scheme that it came by: `rtmp`, `rtmps`, `rtmpt` or `rtmpts`. */
  readonly transport: string
  /** True when its bytes are encrypted on their way. */
  readonly secure: boolean
  /** The peer's end. */
  readonly remote: PeerAddress
  /** True of the tunnel: what is written between two requests goes out together. */
  readonly gathers?: boolean
}

/** Told of each. */
export type Accept = (connection: OnePortConnection) => void

import type { Duplex } from 'node:stream'
import type { UpgradeRequest } from '@rtmpipe/transport-websocket'

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
  /** The scheme that it came by: `rtmp`, `rtmps`, `rtmpt`, `rtmpts`, `ws` or `wss`. */
  readonly transport: string
  /** True when its bytes are encrypted on their way. */
  readonly secure: boolean
  /** The peer's end. */
  readonly remote: PeerAddress
  /** True of the tunnel: what is written between two requests goes out together. */
  readonly gathers?: boolean
  /** False of a WebSocket of a page, which takes what is sent whether the page reads or not. */
  readonly paces?: false
  /** Of a WebSocket: the request that it began with. */
  readonly request?: UpgradeRequest
}

/** Told of each. */
export type Accept = (connection: OnePortConnection) => void

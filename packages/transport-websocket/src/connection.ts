import type { Duplex } from 'node:stream'

/** An address and port at one end of a connection. */
export interface PeerAddress {
  /** IP address; a name where a page has dialled, which learns no address. */
  readonly address: string
  /** 0 where a proxy that the server trusts stood between, or the PROXY protocol did not tell. */
  readonly port: number
}

/** The request that a WebSocket began with. */
export interface UpgradeRequest {
  /** Path and query, as the client sent them. */
  readonly url: string
  /** By their names in lower case; those that came several times are joined as Node does it. */
  readonly headers: Readonly<Record<string, string>>
}

/** One WebSocket as a byte connection, accepted or dialled. */
export interface WebSocketConnection {
  /** The bytes in both directions, half-open: `end()` closes one direction only. An error that nobody listens to does no harm. */
  readonly stream: Duplex
  /** By the scheme of its URL: `ws` or `wss`; dialled, the one that was asked for. */
  readonly transport: 'ws' | 'wss' | 'rtmp+ws' | 'rtmp+wss'
  /** True when the bytes are encrypted on their way. */
  readonly secure: boolean
  /** The peer's end; the proxy's where we dialled through one. */
  readonly remote: PeerAddress
  /**
   * False where what has been sent may wait in the peer's memory instead of here: a page that does not read takes all the
   * same.
   */
  readonly paces?: false
  /** Accepted: what the client asked for, and said of itself. */
  readonly request?: UpgradeRequest
}

/** Where the other end of a connection is. */
export interface PeerAddress {
  /** IP address, or a transport's own notation where there is none (`memory`). */
  readonly address: string
  /** 0 where the transport has no ports. */
  readonly port: number
}

/**
 * The HTTP request that a peer came with. Its secrets are for gates: nothing of it is logged, told over HTTP or sent on.
 */
export interface PeerRequest {
  /** Path and query, as the peer sent them; a token may stand there. */
  readonly url: string
  /** Names in lower case; headers that came several times are joined as Node does. `cookie` and `authorization` are secrets. */
  readonly headers: Readonly<Record<string, string>>
}

/** What is known of a peer. */
export interface PeerInfo {
  /** URL scheme the peer came by: `rtmp`, `rtmps`, `rtmpt`, `rtmpts`, `ws`, `wss`, `rtmfp` or a transport's own. */
  readonly transport: string
  /** True when the bytes are encrypted on their way. */
  readonly secure: boolean
  /** The peer's end. */
  readonly remote: PeerAddress
  /**
   * True when the transport gathers what is written on its own, as polling does: media is not held for it. Default
   * false.
   */
  readonly gathers?: boolean
  /**
   * The peer's fingerprint, where it has one: what others ask for to reach it (RTMFP: 64 hex digits). It tells apart, but
   * proves nothing about a person.
   */
  readonly peerId?: string
  /** Our fingerprint towards the peer. */
  readonly nearId?: string
  /** The HTTP request that it came with, where there was one that the transport tells of. */
  readonly request?: PeerRequest
}

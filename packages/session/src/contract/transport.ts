import type { Duplex } from 'node:stream'
import type { MessageConnection } from './message-connection.ts'

/** Where the other end of a connection is. */
export interface PeerAddress {
  /** IP address, or a transport's own notation where there is none (`memory`). */
  readonly address: string
  /** 0 where the transport has no ports. */
  readonly port: number
}

/** What is known of a peer. */
export interface PeerInfo {
  /** URL scheme the peer came by: `rtmp`, `rtmps`, `rtmpt`, `rtmpts`, `rtmfp` or a transport's own. */
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
}

/** One byte connection to a peer. */
export interface TransportConnection extends PeerInfo {
  /**
   * The byte stream in both directions; half-open streams are allowed. It may offer what `SparingBytes` of
   * `@rtmpipe/chunk-stream` says, which makes small streams cheaper.
   */
  readonly stream: Duplex
  /**
   * Whether the peer has been away for longer than it should be, though nothing has ended and it may come back: somebody else
   * who asks for the name of a stream that it publishes gets it. Default: only bytes tell.
   */
  readonly seemsGone?: () => boolean
}

/** One message connection to a peer, by a transport that has no byte stream. */
export interface MessageTransportConnection extends PeerInfo {
  /** The messages in both directions. */
  readonly messages: MessageConnection
}

/** A bound listener. */
export interface Listener {
  /** URL scheme of what is accepted here. */
  readonly scheme: string
  /** All of them, where a port takes several. Default {@link Listener.scheme} alone. */
  readonly schemes?: readonly string[]
  /** The bound address, with the port the system chose when 0 was asked for. */
  readonly address: PeerAddress
  /** Stops accepting; resolves when every connection accepted here has closed. Idempotent. */
  close(): Promise<void>
}

/** Options of {@link Transport.listen}. */
export interface ListenOptions {
  /** Aborting it stops accepting, as {@link Listener.close} does; open connections live on. */
  readonly signal?: AbortSignal
}

/** Options of {@link Transport.dial}. */
export interface DialOptions {
  /** Aborting it gives up the attempt, or destroys the connection if it already stands. */
  readonly signal?: AbortSignal
}

/**
 * A way for bytes to reach a peer. A transport knows sockets and never RTMP; TCP, TLS, the HTTP tunnel and memory are
 * equals and pass the same `transportCompliance` suite.
 */
export interface Transport {
  /** For logs and errors: `tcp`, `tls`, `http-tunnel`, … */
  readonly name: string
  /** URL schemes that {@link Transport.dial} understands. */
  readonly schemes: readonly string[]
  /**
   * Binds and accepts. Resolves once bound; rejects with the system's error (`EADDRINUSE`, `EACCES`, …).
   * `accept` must not throw.
   */
  listen(accept: (connection: TransportConnection) => void, options?: ListenOptions): Promise<Listener>
  /** Connects to the host and port of `url`; the rest of the URL is not a transport's business. */
  dial(url: URL, options?: DialOptions): Promise<TransportConnection>
}

/**
 * A way for RTMP messages to reach a peer that is no byte stream: neither handshake nor chunk stream are needed. It stands
 * among byte transports wherever those are given, and passes the `messageTransportCompliance` suite.
 */
export interface MessageTransport {
  /** For logs and errors: `rtmfp`, … */
  readonly name: string
  /** URL schemes that {@link MessageTransport.dial} understands. */
  readonly schemes: readonly string[]
  /**
   * Binds and accepts. Resolves once bound; rejects with the system's error (`EADDRINUSE`, `EACCES`, …).
   * `accept` must not throw.
   */
  listen(accept: (connection: MessageTransportConnection) => void, options?: ListenOptions): Promise<Listener>
  /** Connects to the host and port of `url`. */
  dial(url: URL, options?: DialOptions): Promise<MessageTransportConnection>
}

/** A way to reach peers: of bytes, or of messages. */
export type AnyTransport = Transport | MessageTransport

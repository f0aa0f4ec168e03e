import type { Duplex } from 'node:stream'
import type { MessageTransportConnection } from './message-connection.ts'
import type { PeerAddress, PeerInfo } from './peer-info.ts'

export type { MessageTransportConnection, PeerNetwork } from './message-connection.ts'
export type { PeerAddress, PeerInfo, PeerRequest } from './peer-info.ts'

/** One byte connection to a peer. */
export interface TransportConnection extends PeerInfo {
  /**
   * The byte stream in both directions; half-open streams are allowed. It may offer what `SparingBytes` of
   * `@rtmpipe/chunk-stream` says, which makes small streams cheaper.
   */
  readonly stream: Duplex
  /**
   * False when the stream takes all that is written, whether the peer reads or not, as towards a WebSocket in a web page. A
   * server counts then what such a peer has not acknowledged (RTMP 1.0 §5.4.3) as not taken. Default: the stream makes who
   * writes wait.
   */
  readonly paces?: false
  /**
   * Whether the peer has been away for longer than it should be, though nothing has ended and it may come back: somebody else
   * who asks for the name of a stream that it publishes gets it. Default: only bytes tell.
   */
  readonly seemsGone?: () => boolean
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

/** That a peer may be introduced to another one. */
export interface Introduction {
  /** Where the wanted one says that it can be reached, beside where it is seen. */
  readonly reported: readonly PeerAddress[]
}

/** Options of {@link MessageTransport.listen}. */
export interface MessageListenOptions extends ListenOptions {
  /**
   * Asked by transports whose peers can reach each other: whether `asking` may be told where `wanted` is, and the other way
   * round. Both are connections that were accepted here; undefined is a stranger, who has none. Default: nobody may. A
   * rejection is a refusal.
   */
  readonly introduce?: (
    wanted: MessageTransportConnection,
    asking: MessageTransportConnection | undefined,
  ) => Promise<Introduction | undefined> | Introduction | undefined
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
  listen(accept: (connection: MessageTransportConnection) => void, options?: MessageListenOptions): Promise<Listener>
  /** Connects to the host and port of `url`. */
  dial(url: URL, options?: DialOptions): Promise<MessageTransportConnection>
}

/** A way to reach peers: of bytes, or of messages. */
export type AnyTransport = Transport | MessageTransport

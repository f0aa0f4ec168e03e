import type { Duplex } from 'node:stream'

/** An address and port at one end of a connection. */
export interface PeerAddress {
  /** IP address. */
  readonly address: string
  /** 1 to 65,535. */
  readonly port: number
}

/** A byte connection of the transport under TLS. */
export interface InnerConnection {
  /** The bytes in both directions; half-open. */
  readonly stream: Duplex
  /** The peer's end. */
  readonly remote: PeerAddress
}

/** A listener of the transport under TLS. */
export interface InnerListener {
  /** Where it listens, with the port that the system chose when 0 was asked for. */
  readonly address: PeerAddress
  /** Stops accepting. */
  close(): Promise<void>
}

/** What TLS asks of the transport under it: any `Transport` of `@rtmpipe/session` that carries plain bytes. */
export interface InnerTransport {
  /** Unique among the transports of a server. */
  readonly name: string
  /** Of the URLs that it dials; TLS gives it URLs of the first. */
  readonly schemes: readonly string[]
  /** Binds and accepts. Rejects with the system's error. */
  listen(accept: (connection: InnerConnection) => void, options?: SignalOptions): Promise<InnerListener>
  /** Connects to the host and port of a URL. Rejects with the reason of the signal when that is aborted. */
  dial(url: URL, options?: SignalOptions): Promise<InnerConnection>
}

/** Options of listening and dialling. */
export interface SignalOptions {
  /** Stops accepting; or gives up dialling, or destroys the dialled connection if it already stands. */
  readonly signal?: AbortSignal
}

/** An encrypted connection. */
export interface TlsConnection {
  /** The decrypted bytes; half-open. An error that nobody listens to does no harm. */
  readonly stream: Duplex
  readonly transport: 'rtmps'
  readonly secure: true
  /** The peer's end, as the transport below knows it. */
  readonly remote: PeerAddress
}

/** A bound listener of encrypted connections. */
export interface TlsListener {
  readonly scheme: 'rtmps'
  /** The bound address of the transport below. */
  readonly address: PeerAddress
  /**
   * Stops accepting and ends handshakes under way; resolves when every connection accepted here has closed.
   * Idempotent.
   */
  close(): Promise<void>
}

/** TLS over another transport, as a `Transport` of `@rtmpipe/session`. */
export interface TlsTransport {
  readonly name: 'tls'
  /** Of the URLs that it dials. */
  readonly schemes: readonly ['rtmps']
  /**
   * Binds the transport below. `accept` is given a connection when its handshake is done, and must not throw. Rejects
   * with {@link CertificateError}, or with what the transport below rejects with.
   */
  listen(accept: (connection: TlsConnection) => void, options?: SignalOptions): Promise<TlsListener>
  /**
   * Connects to the host and port of `url`, port 443 when it names none, and shakes hands. Rejects with what the
   * transport below rejects with, with Node's own error when the peer cannot be verified
   * (`DEPTH_ZERO_SELF_SIGNED_CERT`, `ERR_TLS_CERT_ALTNAME_INVALID`, `CERT_HAS_EXPIRED`, …) or speaks no TLS, with
   * {@link TlsError}, or with the reason of the signal.
   */
  dial(url: URL, options?: SignalOptions): Promise<TlsConnection>
  /**
   * Loads the certificate anew and uses it for the handshakes to come; open connections keep theirs. Rejects with
   * {@link CertificateError}, or what loading it failed with, and goes on with the old one when the new is unusable.
   */
  reload(): Promise<void>
}

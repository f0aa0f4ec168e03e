import type { Duplex } from 'node:stream'

/** An address and port at one end of a connection. */
export interface PeerAddress {
  readonly address: string
  readonly port: number
}

/** A byte connection of the transport under TLS. */
export interface InnerConnection {
  readonly stream: Duplex
  readonly remote: PeerAddress
}

/** A listener of the transport under TLS. */
export interface InnerListener {
  readonly address: PeerAddress
  close(): Promise<void>
}

/** What TLS asks of the transport under it: any `Transport` of `@rtmpipe/session` that carries plain bytes. */
export interface InnerTransport {
  readonly name: string
  readonly schemes: readonly string[]
  listen(accept: (connection: InnerConnection) => void, options?: SignalOptions): Promise<InnerListener>
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

/** Why a TLS connection did not come about, where OpenSSL has no error for it. */
export type TlsErrorCode =
  | 'RTMP_ERR_TLS_HANDSHAKE_TIMEOUT'
  | 'RTMP_ERR_TLS_HANDSHAKE_CLOSED'
  | 'RTMP_ERR_TLS_HANDSHAKE_LIMIT'
  | 'RTMP_ERR_TRANSPORT_URL'

/** A TLS handshake that ended without OpenSSL having found fault, or a URL that TLS cannot dial. */
export class TlsError extends Error {
  override readonly name = 'TlsError'
  /** Stable; match on it rather than on the message. */
  readonly code: TlsErrorCode

  constructor(code: TlsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

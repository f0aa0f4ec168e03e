/** Why a connection was not taken from a proxy; stable, so match on it. */
export type ProxyProtocolErrorCode =
  /** It does not begin with a header of the PROXY protocol, or the header is broken or too long. */
  | 'RTMP_ERR_PROXY_HEADER'
  /** The header did not come in time. */
  | 'RTMP_ERR_PROXY_HEADER_TIMEOUT'
  /** Too many connections are without their header: the oldest has to go. */
  | 'RTMP_ERR_PROXY_HEADER_LIMIT'
  /** It comes from an address that is not trusted to be that of a proxy. */
  | 'RTMP_ERR_PROXY_UNTRUSTED'

/** A connection that was refused before its first byte was read as anything else. */
export class ProxyProtocolError extends Error {
  override readonly name = 'ProxyProtocolError'
  /** Stable identifier, for example `RTMP_ERR_PROXY_HEADER`. */
  readonly code: ProxyProtocolErrorCode

  constructor(code: ProxyProtocolErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Every way in which a proxy can fail beyond the system's own errors; stable, so match on it. */
export type ProxyErrorCode =
  /** The URL of a proxy, given as an option or by the environment, is none that can be used. */
  | 'RTMP_ERR_PROXY_URL'
  /** The proxy wants a name and a password, or others. */
  | 'RTMP_ERR_PROXY_LOGIN'
  /** The proxy answered that it does not connect to the server, or can't. */
  | 'RTMP_ERR_PROXY_REFUSED'
  /** What came is no answer of such a proxy. */
  | 'RTMP_ERR_PROXY_REPLY'
  /** The proxy did not answer in time. */
  | 'RTMP_ERR_PROXY_TIMEOUT'

/** A proxy that does not let us through. It tells nothing of names and passwords. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  /** Stable identifier, for example `RTMP_ERR_PROXY_LOGIN`. */
  readonly code: ProxyErrorCode
  /** HTTP status that the proxy answered with, where that is what went wrong. */
  readonly status: number | undefined

  constructor(code: ProxyErrorCode, message: string, options?: ErrorOptions & { readonly status?: number }) {
    super(message, options)
    this.code = code
    this.status = options?.status
  }
}

/** Every way a tunnel can fail beyond the system's own errors; stable, so match on it. */
export type TunnelErrorCode =
  /** The URL given to `dial` is not `rtmpt:` or `rtmpts:`, or has no host. */
  | 'RTMP_ERR_TRANSPORT_URL'
  /** Dialling and dialled: the server answered with a status other than 200; see {@link TunnelError.status}. */
  | 'RTMP_ERR_TUNNEL_STATUS'
  /** Dialling and dialled: the server's answer is not that of an RTMPT server. */
  | 'RTMP_ERR_TUNNEL_REPLY'
  /** Dialling: the server did not answer in time. */
  | 'RTMP_ERR_TUNNEL_TIMEOUT'
  /** Dialled: a request was made again for {@link TunnelLimits.idleTimeout} in vain; `cause` is why it failed the last time. */
  | 'RTMP_ERR_TUNNEL_UNREACHABLE'
  /** Numbered requests came too far ahead, too often again, too many waited, or one was missing for too long. */
  | 'RTMP_ERR_TUNNEL_SEQUENCE'
  /** {@link TunnelLimits.openTimeout} crossed. */
  | 'RTMP_ERR_TUNNEL_OPEN_TIMEOUT'
  /** {@link TunnelLimits.idleTimeout} crossed. */
  | 'RTMP_ERR_TUNNEL_IDLE_TIMEOUT'
  /** {@link TunnelLimits.bodyTimeout} crossed, or a body broke off and nobody sent it again. */
  | 'RTMP_ERR_TUNNEL_BODY_TIMEOUT'
  /** {@link TunnelLimits.maxBodyLength} or, dialling, the length of a reply crossed. */
  | 'RTMP_ERR_TUNNEL_BODY_LENGTH'
  /** {@link TunnelLimits.maxBufferedBytes} crossed. */
  | 'RTMP_ERR_TUNNEL_BUFFER'
  /** {@link TunnelLimits.maxSessions}, `maxSessionsPerAddress` or `maxPending` crossed: a peer is sent away. */
  | 'RTMP_ERR_TUNNEL_SESSIONS'
  /** A request came with a header of proxies from an address that is not in `trustProxy`; it was served, as one of its own. */
  | 'RTMP_ERR_TUNNEL_FORWARDED'
  /** An option that is not a number it could be. */
  | 'RTMP_ERR_TUNNEL_OPTION'

/** What this package raises itself; errors of the system (`ECONNREFUSED`, …) pass through as they are. */
export class TunnelError extends Error {
  override readonly name: string = 'TunnelError'
  /** Stable identifier, for example `RTMP_ERR_TUNNEL_IDLE_TIMEOUT`. */
  readonly code: TunnelErrorCode
  /** HTTP status that the server answered with, where that is what went wrong. */
  readonly status: number | undefined

  constructor(code: TunnelErrorCode, message: string, options?: ErrorOptions & { readonly status?: number }) {
    super(message, options)
    this.code = code
    this.status = options?.status
  }
}

/** The peer crossed a configured limit: its session ends, nobody else's does. */
export class TunnelLimitError extends TunnelError {
  override readonly name = 'TunnelLimitError'
}

/** Every way a port can fail beyond the errors of what it is made of. */
export type OnePortErrorCode =
  /** A connection did not tell in time what it is. */
  | 'RTMP_ERR_FIRST_BYTES_TIMEOUT'
  /** More connections than allowed had not told yet what they are: this one had the longest. */
  | 'RTMP_ERR_FIRST_BYTES_LIMIT'
  /** An option that is none, or that does not go with another. */
  | 'RTMP_ERR_ONE_PORT_OPTION'

/** What {@link onePort} raises itself. */
export class OnePortError extends Error {
  override readonly name = 'OnePortError'
  /** Stable; match on it rather than on the message. */
  readonly code: OnePortErrorCode

  constructor(code: OnePortErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

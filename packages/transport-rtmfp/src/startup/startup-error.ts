/** No session came about. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
  /** Stable identifier, for example `RTMP_ERR_RTMFP_NO_ANSWER`. */
  readonly code: `RTMP_ERR_${string}`

  constructor(code: `RTMP_ERR_${string}`, message: string) {
    super(message)
    this.code = code
  }
}

/** No session came about. */
export class StartupError extends Error {
  /** Stable identifier, for example `RTMP_ERR_RTMFP_NO_ANSWER`. */
  readonly code: `RTMP_ERR_${string}`

  constructor(code: `RTMP_ERR_${string}`, message: string) {
    super(message)
    this.name = new.target.name
    this.code = code
  }
}

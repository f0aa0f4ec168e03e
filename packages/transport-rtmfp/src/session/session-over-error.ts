/** Something was asked of a session that is over. */
export class SessionOverError extends Error {
  override readonly name = 'SessionOverError'
  readonly code = 'RTMP_ERR_CONNECTION_CLOSED'

  constructor() {
    super('the RTMFP session is over')
  }
}

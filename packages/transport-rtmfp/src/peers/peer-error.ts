/** A peer was not reached. */
export class PeerError extends Error {
  override readonly name = 'PeerError'
  /** Whether it is not known, or does not answer. */
  readonly code: 'RTMP_ERR_PEER_UNKNOWN' | 'RTMP_ERR_PEER_UNREACHABLE'

  constructor(code: PeerError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** A peer was not reached. */
export class PeerError extends Error {
  /** Whether it is not known, or does not answer. */
  readonly code: 'RTMP_ERR_PEER_UNKNOWN' | 'RTMP_ERR_PEER_UNREACHABLE'

  constructor(code: PeerError['code'], message: string) {
    super(message)
    this.name = new.target.name
    this.code = code
  }
}

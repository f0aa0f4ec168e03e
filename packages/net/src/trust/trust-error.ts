/** An option that says whom to trust, and does not. */
export class TrustError extends TypeError {
  /** Stable, so match on it. */
  readonly code = 'RTMP_ERR_TRUST_OPTION'

  constructor(message: string) {
    super(message)
    this.name = new.target.name
  }
}

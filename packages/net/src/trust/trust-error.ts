/** An option that says whom to trust, and does not. */
export class TrustError extends TypeError {
  override readonly name = 'TrustError'
  /** Stable, so match on it. */
  readonly code = 'RTMP_ERR_TRUST_OPTION'
}

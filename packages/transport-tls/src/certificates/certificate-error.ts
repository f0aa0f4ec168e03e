/** What is wrong with a certificate or key. */
export type CertificateErrorCode =
  | 'RTMP_ERR_CERTIFICATE_MISSING'
  | 'RTMP_ERR_CERTIFICATE_PEM'
  | 'RTMP_ERR_CERTIFICATE_KEY_ENCRYPTED'
  | 'RTMP_ERR_CERTIFICATE_KEY_MISMATCH'
  | 'RTMP_ERR_CERTIFICATE_EXPIRED'
  | 'RTMP_ERR_CERTIFICATE_NOT_YET_VALID'
  | 'RTMP_ERR_CERTIFICATE_HOST'

/** A certificate or key cannot be used; the message says why and never quotes the key. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  /** Stable; match on it rather than on the message. */
  readonly code: CertificateErrorCode

  constructor(code: CertificateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

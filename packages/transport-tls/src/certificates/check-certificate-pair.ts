import { type KeyObject, createPrivateKey } from 'node:crypto'
import { CertificateError } from './certificate-error.ts'
import { type CertificateInfo, describe, readCertificate } from './inspect-certificate.ts'
import { isEncryptedKey, requirePem } from './pem.ts'

/**
 * Makes sure that a server can be run with `cert` and `key`, both PEM, at this moment, and says what the certificate
 * says. Throws {@link CertificateError}: `RTMP_ERR_CERTIFICATE_PEM` (not PEM, or not what it should be),
 * `…_KEY_ENCRYPTED`, `…_KEY_MISMATCH` (the key belongs to another certificate), `…_EXPIRED`, `…_NOT_YET_VALID`. The
 * dates are looked at last: with these two codes all else is well.
 */
export function checkCertificatePair(cert: string, key: string): CertificateInfo {
  const certificate = readCertificate(cert)
  if (!certificate.checkPrivateKey(readKey(key))) {
    throw new CertificateError(
      'RTMP_ERR_CERTIFICATE_KEY_MISMATCH',
      `private key does not belong to the certificate of ${certificate.subject}`,
    )
  }
  const info = describe(certificate)
  requireValidNow(info)
  return info
}

function readKey(pem: string): KeyObject {
  requirePem(pem, 'private key')
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    if (isEncryptedKey(pem)) {
      throw new CertificateError(
        'RTMP_ERR_CERTIFICATE_KEY_ENCRYPTED',
        'private key is encrypted with a passphrase; decrypt it first, for example with `openssl pkey`',
        { cause },
      )
    }
    throw new CertificateError('RTMP_ERR_CERTIFICATE_PEM', 'private key cannot be read', { cause })
  }
}

function requireValidNow({ subject, validFrom, validTo }: CertificateInfo): void {
  const now = Date.now()
  if (now > validTo.getTime()) {
    throw new CertificateError(
      'RTMP_ERR_CERTIFICATE_EXPIRED',
      `certificate of ${subject} expired on ${validTo.toISOString()}`,
    )
  }
  if (now < validFrom.getTime()) {
    throw new CertificateError(
      'RTMP_ERR_CERTIFICATE_NOT_YET_VALID',
      `certificate of ${subject} is valid from ${validFrom.toISOString()} only; is the clock right?`,
    )
  }
}

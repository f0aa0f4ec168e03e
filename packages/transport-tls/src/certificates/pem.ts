import forge from 'node-forge'
import { CertificateError } from './certificate-error.ts'

/** Far above any chain; what is longer is not a certificate, and not worth searching for one. */
const LONGEST = 1_048_576

/** What to expect in a PEM text; names it in the error. */
type Content = 'certificate' | 'private key'

const TYPES: Readonly<Record<Content, RegExp>> = {
  certificate: /^(X509 |TRUSTED )?CERTIFICATE$/,
  'private key': /PRIVATE KEY$/,
}

/** Checks that a text holds what it should in PEM; throws {@link CertificateError} `RTMP_ERR_CERTIFICATE_PEM` if not. */
export function requirePem(text: string, content: Content): void {
  const messages = decode(text)
  const message = messages.find(({ type }) => TYPES[content].test(type))
  if (message === undefined) {
    const found = messages.length === 0 ? 'no PEM block' : `only ${messages.map(({ type }) => type).join(', ')}`
    throw new CertificateError('RTMP_ERR_CERTIFICATE_PEM', `expected a ${content} in PEM format, found ${found}`)
  }
  const { procType } = message as { procType?: { type?: string } | null }
  if (message.type.startsWith('ENCRYPTED') || procType?.type === 'ENCRYPTED') {
    throw new CertificateError(
      'RTMP_ERR_CERTIFICATE_KEY_ENCRYPTED',
      'private key is encrypted with a passphrase; decrypt it first, for example with `openssl pkey`',
    )
  }
}

function decode(text: string): forge.pem.ObjectPEM[] {
  if (text.length > LONGEST) return []
  try {
    return forge.pem.decode(text)
  } catch {
    return []
  }
}

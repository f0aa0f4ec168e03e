import { CertificateError } from './certificate-error.ts'

/** Far above any chain; what is longer is not a certificate, and not worth searching for one. */
const LONGEST = 1_048_576

/** What to expect in a PEM text; names it in the error. */
type Content = 'certificate' | 'private key'

const LABELS: Readonly<Record<Content, RegExp>> = {
  certificate: /^(X509 |TRUSTED )?CERTIFICATE$/,
  'private key': /PRIVATE KEY$/,
}

/**
 * Checks that a text has a PEM block of what it should hold; throws {@link CertificateError} `RTMP_ERR_CERTIFICATE_PEM`
 * if not. What is in the block is for Node to read.
 */
export function requirePem(text: string, content: Content): void {
  const labels = pemLabels(text)
  if (labels.some(label => LABELS[content].test(label))) return
  const found = labels.length === 0 ? 'no PEM block' : `only ${labels.join(', ')}`
  throw new CertificateError('RTMP_ERR_CERTIFICATE_PEM', `expected a ${content} in PEM format, found ${found}`)
}

/** True for a key under a passphrase, in PKCS #8 (RFC 5958 §3) or in OpenSSL's older form. */
export function isEncryptedKey(text: string): boolean {
  return /-----BEGIN ENCRYPTED |^Proc-Type: ?4, ?ENCRYPTED/m.test(text)
}

/** Labels of the blocks that are complete (RFC 7468 §2). */
function pemLabels(text: string): string[] {
  if (text.length > LONGEST) return []
  const marks = [...text.matchAll(/-----(BEGIN|END) ([A-Z0-9 ]+)-----/g)]
  return marks.flatMap(([, edge, label = ''], index) => {
    const [, nextEdge, nextLabel] = marks[index + 1] ?? []
    return edge === 'BEGIN' && nextEdge === 'END' && nextLabel === label ? [label] : []
  })
}

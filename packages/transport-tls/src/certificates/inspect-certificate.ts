import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { CertificateError } from './certificate-error.ts'
import { canonicalHost } from './host.ts'
import { requirePem } from './pem.ts'

/** What a certificate says. */
export interface CertificateInfo {
  /** Distinguished name, for example `CN=live.example.com`, one part a line. */
  readonly subject: string
  /** DNS names and IP addresses it is valid for, from its subject alternative names. */
  readonly hosts: readonly string[]
  /** It is not valid before. */
  readonly validFrom: Date
  /** It is not valid after. */
  readonly validTo: Date
  /** Signed with its own key, so nobody trusts it who has not been given it. */
  readonly selfSigned: boolean
  /** SHA-256 of the whole certificate, as `AB:CD:…`: what to compare by eye. */
  readonly fingerprint256: string
}

/** Reads the first certificate of a PEM text. Throws {@link CertificateError} `RTMP_ERR_CERTIFICATE_PEM`. */
export function inspectCertificate(pem: string): CertificateInfo {
  return describe(readCertificate(pem))
}

/** The first certificate of a PEM text. */
export function readCertificate(pem: string): X509Certificate {
  requirePem(pem, 'certificate')
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new CertificateError('RTMP_ERR_CERTIFICATE_PEM', 'certificate cannot be read', { cause })
  }
}

/** What is asked of a certificate more than once. */
export function describe(certificate: X509Certificate): CertificateInfo {
  return {
    subject: certificate.subject,
    hosts: hostsOf(certificate.subjectAltName ?? ''),
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    selfSigned: certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey),
    fingerprint256: certificate.fingerprint256,
  }
}

/** Node gives `DNS:a, IP Address:b`, and a name with odd characters as a JSON string. */
function hostsOf(names: string): string[] {
  return [...names.matchAll(/(?:^|, )(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, name = '']) => {
    const host = name.startsWith('"') ? String(JSON.parse(name)) : name
    return isIP(host) === 0 ? host : canonicalHost(host)
  })
}

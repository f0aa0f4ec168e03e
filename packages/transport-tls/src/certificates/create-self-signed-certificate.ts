import { type KeyObject, createPublicKey, generateKeyPair, privateEncrypt, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import type * as Forge from 'node-forge'
import type { CertificatePair } from './certificate-source.ts'
import { canonicalHost } from './host.ts'

/** Options of {@link createSelfSignedCertificate}. */
export interface SelfSignedOptions {
  /** DNS names and IP addresses the server is reached by. `localhost`, `127.0.0.1` and `::1` are always added. */
  readonly hosts?: readonly string[] | undefined
  /** How long it is valid. Default 365. */
  readonly days?: number | undefined
}

const LOCAL_HOSTS = ['localhost', '127.0.0.1', '::1']
const HOUR = 3_600_000
const DAY = 24 * HOUR
/** X.520 limits the common name; a longer host name stands among the alternative names only. */
const LONGEST_COMMON_NAME = 64

/** Every host a self-signed certificate is made for, as certificates spell them. */
export function certificateHosts(hosts: readonly string[] = []): string[] {
  return [...new Set([...hosts, ...LOCAL_HOSTS].map(canonicalHost))]
}

/**
 * Makes an RSA 2048 key and a certificate signed with it. Encrypts as well as any other, but proves nothing: clients
 * must be given the certificate (`ca`) or told not to verify. The key is generated off the main thread. Throws
 * `CertificateError` `RTMP_ERR_CERTIFICATE_HOST`.
 */
export async function createSelfSignedCertificate(options: SelfSignedOptions = {}): Promise<CertificatePair> {
  const { days = 365 } = options
  const hosts = certificateHosts(options.hosts)
  // Loaded only here: it takes 25 ms and 10 MB, and most processes make no certificate.
  const { default: forge } = await import('node-forge')
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(
    createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
  )
  certificate.serialNumber = serialNumber()
  // Clocks differ: a client an hour behind must not find it not yet valid.
  certificate.validity.notBefore = new Date(Date.now() - HOUR)
  certificate.validity.notAfter = new Date(Date.now() + days * DAY)
  const name = [{ name: 'commonName', value: hosts.find(host => host.length <= LONGEST_COMMON_NAME) ?? 'localhost' }]
  certificate.setSubject(name)
  certificate.setIssuer(name)
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: hosts.map(host => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host })),
    },
    { name: 'subjectKeyIdentifier' },
  ])
  certificate.sign(nativeSigner(privateKey), forge.md.sha256.create())
  return {
    cert: forge.pki.certificateToPem(certificate).replaceAll('\r', ''),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** RFC 8017 §9.2: what stands before a SHA-256 digest when RSA signs it. */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')

/** Signs for forge with OpenSSL's arithmetic: forge's own, in JavaScript, holds all up for a fifth of a second. */
function nativeSigner(key: KeyObject): Forge.pki.rsa.PrivateKey {
  const sign = (md: Forge.md.MessageDigest): string => {
    const digest = Buffer.from(md.digest().getBytes(), 'latin1')
    return privateEncrypt(key, Buffer.concat([SHA256_DIGEST_INFO, digest])).toString('latin1')
  }
  return { sign } as unknown as Forge.pki.rsa.PrivateKey
}

/** RFC 5280 §4.1.2.2: positive and at most 20 octets; the first octet is neither zero nor negative. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

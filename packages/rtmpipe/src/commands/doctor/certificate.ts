import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { rootCertificates } from 'node:tls'
import { CertificateError, checkCertificatePair } from '@rtmpipe/transport-tls'
import type { CertificateConfig } from '../../sections/certificate.ts'
import type { ServeConfig } from '../../sections/index.ts'
import { needsCertificate } from '../../sections/server.ts'
import { type Finding, fine, problem, warning } from './finding.ts'

const day = 86_400_000
/** Certbot renews a month before the end: what has less than this is not renewed. Days. */
const enough = 21
/** Where Debian, Alpine and Fedora keep the authorities that they know. */
const systemAuthorities = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/ssl/cert.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
]

/** Whether clients can be shown a certificate that they accept, now and in three weeks. */
export async function certificateFindings(config: ServeConfig, now: number = Date.now()): Promise<readonly Finding[]> {
  const { certificate, data } = config
  if (!needsCertificate(config)) return [fine('certificate', 'none is needed: rtmps and rtmpts are off')]
  if (certificate === undefined)
    return [
      warning(
        'certificate',
        `a self-signed one in ${resolve(data, 'tls')}: players and encoders that check do not accept it`,
        'get one, as from Let’s Encrypt, and set certificate.cert and certificate.key (--cert, --key)',
      ),
    ]
  try {
    const [cert, key] = await Promise.all([readPem(certificate.cert), readPem(certificate.key)])
    return [...pairFindings(cert, key, now), ...(await chainFindings(cert)), ...(await modeFindings(certificate))]
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException
    if (path === undefined) throw error
    return [problem('certificate', `${path} can't be read: ${code ?? message}`, 'name a file that this user may read')]
  }
}

function pairFindings(cert: string, key: string, now: number): readonly Finding[] {
  try {
    const { validTo, hosts } = checkCertificatePair(cert, key)
    const days = Math.floor((validTo.getTime() - now) / day)
    const text = `for ${hosts.join(', ')}, good for ${days} days, and the key is its own`
    if (days >= enough) return [fine('certificate', text)]
    const advice =
      'renew it now, and look why that has not happened by itself: certbot renew --dry-run, systemctl list-timers'
    return [warning('certificate', `${text}: it ends on ${validTo.toISOString().slice(0, 10)}`, advice)]
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    return [problem('certificate', error.message, adviceFor[error.code])]
  }
}

const adviceFor: Readonly<Record<CertificateError['code'], string>> = {
  RTMP_ERR_CERTIFICATE_MISSING: 'set certificate.cert and certificate.key',
  RTMP_ERR_CERTIFICATE_PEM: 'give the files in PEM, which begin with -----BEGIN; openssl converts others',
  RTMP_ERR_CERTIFICATE_KEY_ENCRYPTED: 'take the passphrase off: openssl pkey -in KEY -out KEY.plain',
  RTMP_ERR_CERTIFICATE_KEY_MISMATCH:
    'take both files from the same renewal: of certbot, fullchain.pem and privkey.pem of one folder',
  RTMP_ERR_CERTIFICATE_EXPIRED: 'renew it: certbot renew; the server takes the new one without a restart',
  RTMP_ERR_CERTIFICATE_NOT_YET_VALID: 'set the clock of this machine, or wait',
  RTMP_ERR_CERTIFICATE_HOST: 'take a certificate for the name that clients connect to',
}

/** Clients know the authorities at the top, and must be shown all that is between them and the server. */
async function chainFindings(pem: string): Promise<readonly Finding[]> {
  const chain = certificatesIn(pem)
  const broken = chain.findIndex((one, index) => {
    const next = chain[index + 1]
    return next !== undefined && !isIssuedBy(one, next)
  })
  if (broken !== -1)
    return [
      problem(
        'certificate',
        `chain: number ${broken + 2} in the file is not who issued number ${broken + 1} (${oneLine(chain[broken]?.issuer)})`,
        'put the certificates one after the other: the server’s, who issued it, who issued that',
      ),
    ]
  const last = chain.at(-1)
  if (last === undefined) return []
  if (last.subject === last.issuer && last.verify(last.publicKey)) {
    if (chain.length > 1) return [fine('certificate', `chain: complete, up to ${oneLine(last.subject)}`)]
    const text = 'self-signed: players and encoders that check do not accept it'
    return [warning('certificate', text, 'get one from an authority that they know, or give them this file')]
  }
  if ((await knownAuthorities()).some(authority => isIssuedBy(last, authority)))
    return [fine('certificate', `chain: complete, up to an authority that is widely known`)]
  return [
    problem(
      'certificate',
      `chain: incomplete, nobody here knows ${oneLine(last.issuer)}, who issued the last one`,
      'take fullchain.pem in place of cert.pem; of an authority of your own, append its certificate to the file',
    ),
  ]
}

async function modeFindings({ key }: CertificateConfig): Promise<readonly Finding[]> {
  const { mode } = await stat(key)
  if ((mode & 0o007) === 0) return []
  return [warning('certificate', `${key} can be read by everybody on this machine`, `chmod o= ${key}`)]
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

async function knownAuthorities(): Promise<readonly X509Certificate[]> {
  const files = [...systemAuthorities, process.env['NODE_EXTRA_CA_CERTS'] ?? []].flat()
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8').catch(() => '')))
  return [...rootCertificates, ...texts].flatMap(certificatesIn)
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.flatMap(block => {
    try {
      return [new X509Certificate(block)]
    } catch {
      // What can't be read is told of the pair; of authorities it is none of our business.
      return []
    }
  })
}

async function readPem(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
}

function oneLine(name = ''): string {
  return name.replaceAll('\n', ', ')
}

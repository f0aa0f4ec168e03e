import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CertificateError } from './certificate-error.ts'
import type { CertificatePair } from './certificate-source.ts'
import { checkCertificatePair } from './check-certificate-pair.ts'
import {
  type SelfSignedOptions,
  certificateHosts,
  createSelfSignedCertificate,
} from './create-self-signed-certificate.ts'

const CERT_FILE = 'self-signed-certificate.pem'
const KEY_FILE = 'self-signed-key.pem'
const RENEW_BEFORE = 7 * 24 * 3_600_000

/**
 * The self-signed pair kept in the folder `dir`, so that clients that were given the certificate still know the server
 * after a restart. A new one is made, and kept, when there is none or it is damaged, when it expires within 7 days and
 * when it is for other hosts. The folder is created with mode 0700 and the key file with 0600. Rejects with
 * {@link CertificateError} `RTMP_ERR_CERTIFICATE_HOST` or the system's error when the folder cannot be used.
 */
export async function loadOrCreateCertificate(dir: string, options: SelfSignedOptions = {}): Promise<CertificatePair> {
  const kept = await load(dir)
  if (kept !== undefined && isFresh(kept, certificateHosts(options.hosts))) return kept
  const pair = await createSelfSignedCertificate(options)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  // Should only the first arrive, the pair does not match and the next start makes a new one.
  await replaceFile(join(dir, KEY_FILE), pair.key, 0o600)
  await replaceFile(join(dir, CERT_FILE), pair.cert, 0o644)
  return pair
}

async function load(dir: string): Promise<CertificatePair | undefined> {
  try {
    const [cert, key] = await Promise.all([CERT_FILE, KEY_FILE].map(name => readFile(join(dir, name), 'utf8')))
    return cert === undefined || key === undefined ? undefined : { cert, key }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isFresh({ cert, key }: CertificatePair, hosts: readonly string[]): boolean {
  try {
    const kept = checkCertificatePair(cert, key)
    const sameHosts = kept.hosts.length === hosts.length && hosts.every(host => kept.hosts.includes(host))
    return sameHosts && kept.validTo.getTime() - Date.now() > RENEW_BEFORE
  } catch (error) {
    if (error instanceof CertificateError) return false
    throw error
  }
}

/** All or nothing: a reader, or a crash, meets the old file or the new one and never half of it. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    const file = await open(draft, 'wx', mode)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

import { readFileSync, statSync } from 'node:fs'
import type { CertificatePair, CertificateProvider } from './certificate-source.ts'

/** Where {@link certificateFiles} reads. */
export interface CertificatePaths {
  /** Path of the PEM file with the certificate and its chain. */
  readonly cert: string
  /** Path of the PEM file with the private key. */
  readonly key: string
}

/**
 * A certificate in two files, read anew at the first handshake after either has changed: a renewal needs no restart
 * and no signal. As long as the new pair is unusable, for one because only one file has been replaced yet, the old one
 * stays in use.
 */
export function certificateFiles(paths: CertificatePaths): CertificateProvider {
  return new CertificateFiles(paths)
}

class CertificateFiles implements CertificateProvider {
  readonly #paths: CertificatePaths
  #pair: CertificatePair | undefined
  #stamp = ''

  constructor(paths: CertificatePaths) {
    this.#paths = paths
  }

  current(): CertificatePair {
    const stamp = this.#look()
    if (this.#pair === undefined || stamp !== this.#stamp) {
      this.#pair = this.#read()
      this.#stamp = stamp
    }
    return this.#pair
  }

  async reload(): Promise<void> {
    this.#stamp = ''
    this.current()
  }

  #read(): CertificatePair {
    const { cert, key } = this.#paths
    return { cert: textOf(cert), key: textOf(key) }
  }

  /** Follows links: tools that renew often switch a link to another file. Looked up before reading, never after. */
  #look(): string {
    return [this.#paths.cert, this.#paths.key]
      .map(path => statSync(path))
      .map(({ ino, size, mtimeMs, ctimeMs }) => [ino, size, mtimeMs, ctimeMs].join())
      .join(';')
  }
}

/** OpenSSL finds nothing behind a byte order mark. */
function textOf(path: string): string {
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
}

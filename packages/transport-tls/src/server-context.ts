import type { SecureContext } from 'node:tls'
import type { ClientHello } from '@rtmpipe/net'
import { CertificateError } from './certificates/certificate-error.ts'
import {
  type CertificatePair,
  type CertificateProvider,
  certificateProvider,
} from './certificates/certificate-source.ts'
import { checkCertificatePair } from './certificates/check-certificate-pair.ts'
import { type TlsOptions, type TlsVersion, contextOptions } from './options.ts'
import { nodeTls } from './node-tls.ts'

/** The secure context of a server: follows its certificate and outlives an unusable one. */
export class ServerContext {
  readonly #options: TlsOptions
  readonly #provider: CertificateProvider | undefined
  #pair: CertificatePair | undefined
  #context: SecureContext | undefined
  /** The same with TLS 1.2 as the newest; made for the first client that needs it. */
  #contextWithTls12: SecureContext | undefined
  /** What was reported last; the same trouble at every handshake is reported once. */
  #trouble: string | undefined

  constructor(options: TlsOptions) {
    this.#options = options
    this.#provider = options.certificate && certificateProvider(options.certificate)
  }

  /** Makes sure there is a context; rejects when there is no usable certificate. */
  async load(): Promise<void> {
    if (this.#context === undefined) await this.reload()
  }

  /** Takes the certificate into use as it is now; rejects, and keeps the context, when it is unusable. */
  async reload(): Promise<void> {
    if (this.#provider === undefined) throw missing()
    await this.#provider.reload()
    this.#use(this.#provider.current())
  }

  /** For the next handshake, with a client that begins so. @throws CertificateError before {@link load} */
  current(hello?: ClientHello): SecureContext {
    try {
      const pair = this.#provider?.current()
      if (pair !== undefined && pair !== this.#pair) this.#use(pair)
    } catch (error) {
      this.#report(error as Error)
    }
    const context = this.#context
    if (context === undefined) throw missing()
    if (hello?.needsTls12 !== true || this.#options.minVersion === 'TLSv1.3') return context
    return (this.#contextWithTls12 ??= this.#make('TLSv1.2'))
  }

  #use(pair: CertificatePair): void {
    this.#pair = pair
    try {
      checkCertificatePair(pair.cert, pair.key)
      this.#trouble = undefined
    } catch (error) {
      // Publishers that do not verify still get through, and a server that stays down would lock them out as well.
      if (!isOutsideItsDates(error)) throw error
      this.#report(error)
    }
    this.#context = this.#make()
    this.#contextWithTls12 = undefined
  }

  #make(maxVersion: TlsVersion | undefined = this.#options.maxVersion): SecureContext {
    const { cert, key } = this.#pair as CertificatePair
    return nodeTls().createSecureContext({
      ...contextOptions({ ...this.#options, maxVersion }),
      cert,
      key,
      sessionIdContext: 'rtmpipe',
    })
  }

  #report(error: Error): void {
    if (error.message === this.#trouble) return
    this.#trouble = error.message
    if (this.#options.onError === undefined) process.emitWarning(error)
    else this.#options.onError(error)
  }
}

function missing(): CertificateError {
  return new CertificateError('RTMP_ERR_CERTIFICATE_MISSING', 'TLS needs the option `certificate` to listen')
}

function isOutsideItsDates(error: unknown): error is CertificateError {
  return (
    error instanceof CertificateError &&
    (error.code === 'RTMP_ERR_CERTIFICATE_EXPIRED' || error.code === 'RTMP_ERR_CERTIFICATE_NOT_YET_VALID')
  )
}

import type { SecureContext } from 'node:tls'
import { CertificateError } from './certificates/certificate-error.ts'
import {
  type CertificatePair,
  type CertificateProvider,
  certificateProvider,
} from './certificates/certificate-source.ts'
import { checkCertificatePair } from './certificates/check-certificate-pair.ts'
import { type TlsOptions, contextOptions } from './options.ts'
import { nodeTls } from './node-tls.ts'

/** The secure context of a server: follows its certificate and outlives an unusable one. */
export class ServerContext {
  readonly #options: TlsOptions
  readonly #provider: CertificateProvider | undefined
  #pair: CertificatePair | undefined
  #context: SecureContext | undefined
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
    if (this.#provider === undefined) {
      throw new CertificateError('RTMP_ERR_CERTIFICATE_MISSING', 'TLS needs the option `certificate` to listen')
    }
    await this.#provider.reload()
    this.#use(this.#provider.current())
  }

  /** For the next handshake. Call it after {@link load}. */
  current(): SecureContext | undefined {
    try {
      const pair = this.#provider?.current()
      if (pair !== undefined && pair !== this.#pair) this.#use(pair)
    } catch (error) {
      this.#report(error as Error)
    }
    return this.#context
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
    const { cert, key } = pair
    this.#context = nodeTls().createSecureContext({
      ...contextOptions(this.#options),
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

function isOutsideItsDates(error: unknown): error is CertificateError {
  return (
    error instanceof CertificateError &&
    (error.code === 'RTMP_ERR_CERTIFICATE_EXPIRED' || error.code === 'RTMP_ERR_CERTIFICATE_NOT_YET_VALID')
  )
}

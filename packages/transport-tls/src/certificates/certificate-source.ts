/** A certificate and its private key. */
export interface CertificatePair {
  /** PEM: the server's certificate first, then the intermediate ones, if any. */
  readonly cert: string
  /** PEM: the private key, not encrypted. */
  readonly key: string
}

/** Where a server's certificate comes from when it may change while the server runs. */
export interface CertificateProvider {
  /**
   * The pair for the next handshake. Asked at each handshake, so it must be quick; the same object means that nothing
   * has changed. A throw keeps the pair in use and is reported.
   */
  current(): CertificatePair
  /** Loads the pair anew; awaited once before the first handshake. Rejects when that is impossible. */
  reload(): Promise<void>
}

/** A fixed pair, a function called before the first handshake and at each `reload()`, or a provider. */
export type CertificateSource =
  | CertificatePair
  | (() => CertificatePair | Promise<CertificatePair>)
  | CertificateProvider

/** Any source as a provider. */
export function certificateProvider(source: CertificateSource): CertificateProvider {
  if ('current' in source) return source
  return new LoadedCertificate(typeof source === 'function' ? source : () => source)
}

class LoadedCertificate implements CertificateProvider {
  readonly #load: () => CertificatePair | Promise<CertificatePair>
  #pair: CertificatePair | undefined

  constructor(load: () => CertificatePair | Promise<CertificatePair>) {
    this.#load = load
  }

  current(): CertificatePair {
    if (this.#pair === undefined) throw new Error('certificate asked for before it was loaded')
    return this.#pair
  }

  async reload(): Promise<void> {
    this.#pair = await this.#load()
  }
}

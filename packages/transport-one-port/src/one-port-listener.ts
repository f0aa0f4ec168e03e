import type { PeerAddress } from './connection.ts'

/** A bound port. */
export class OnePortListener {
  /** The first of {@link OnePortListener.schemes}. */
  readonly scheme: string
  /** URL schemes of all that is taken here. */
  readonly schemes: readonly string[]
  /** The bound address, with the port that the system chose when 0 was asked for. */
  readonly address: PeerAddress
  readonly #end: () => Promise<void>
  #closed: Promise<void> | undefined

  /** @param end see {@link OnePortListener.close} */
  constructor(schemes: readonly string[], address: PeerAddress, end: () => Promise<void>) {
    this.scheme = schemes[0] ?? 'http'
    this.schemes = schemes
    this.address = address
    this.#end = end
  }

  /**
   * Takes nobody new; resolves when every RTMP connection and tunnel session accepted here has closed. The port is free as
   * soon as nobody needs it: open tunnel sessions do, whose clients may connect anew for each request, and an HTTP server
   * that uses it. Idempotent.
   */
  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }
}

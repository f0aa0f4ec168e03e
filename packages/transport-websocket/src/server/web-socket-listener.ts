import type { PeerAddress } from '../connection.ts'
import type { Acceptor } from './acceptor.ts'

/** WebSockets that are accepted on a bound HTTP server. */
export class WebSocketListener {
  /** `wss` when the server speaks TLS. */
  readonly scheme: 'ws' | 'wss'
  /** The bound address, with the port the system chose when 0 was asked for. */
  readonly address: PeerAddress
  readonly #acceptor: Acceptor
  readonly #release: () => Promise<void>
  #closed: Promise<void> | undefined

  /**
   * @param server must be listening
   * @param release called when the last connection has closed and no more are accepted
   */
  constructor(
    server: { readonly secure: boolean; readonly address: PeerAddress },
    acceptor: Acceptor,
    release: () => Promise<void> = async () => {},
  ) {
    this.scheme = server.secure ? 'wss' : 'ws'
    this.address = server.address
    this.#acceptor = acceptor
    this.#release = release
  }

  /** How many connections are open. */
  get size(): number {
    return this.#acceptor.size
  }

  /** Accepts no more; resolves when those accepted here have closed, and the port with them if it has no other use. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#acceptor.stop()
    await this.#acceptor.gone()
    await this.#release()
  }
}

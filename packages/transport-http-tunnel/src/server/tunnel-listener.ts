import type { PeerAddress } from '../connection.ts'
import type { HttpServer } from './http-server.ts'
import type { TunnelServer } from './tunnel-server.ts'

/** Tunnel sessions that are opened on a bound HTTP server. */
export class TunnelListener {
  /** `rtmpts` when the server speaks TLS. */
  readonly scheme: 'rtmpt' | 'rtmpts'
  /** The bound address, with the port the system chose when 0 was asked for. */
  readonly address: PeerAddress
  readonly #sessions: TunnelServer
  readonly #release: () => Promise<void>
  #closed: Promise<void> | undefined

  /**
   * @param server must be listening
   * @param release called when the last session has closed and no more are opened
   */
  constructor(
    server: Pick<HttpServer, 'secure' | 'address'>,
    sessions: TunnelServer,
    release: () => Promise<void> = async () => {},
  ) {
    this.scheme = server.secure ? 'rtmpts' : 'rtmpt'
    this.address = server.address
    this.#sessions = sessions
    this.#release = release
  }

  /** How many sessions are open. */
  get sessions(): number {
    return this.#sessions.size
  }

  /**
   * Opens no more sessions; resolves when those accepted here have closed, and the port with them if it is the tunnel's
   * own. Until then the requests of open sessions are served, on new connections too: some clients make one for each
   * request. Idempotent.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#sessions.stop()
    await this.#release()
  }
}

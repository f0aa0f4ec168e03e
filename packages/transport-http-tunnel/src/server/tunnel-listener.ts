import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PeerAddress } from '../connection.ts'
import type { ConnectionGuard } from './connection-guard.ts'
import type { TunnelServer } from './tunnel-server.ts'

/** Milliseconds for requests that are not a session's to come to an end, once all sessions have closed. */
const GRACE = 1_000

/** A bound HTTP server and the tunnel sessions opened on it. */
export class TunnelListener {
  /** `rtmpts` when the server speaks TLS. */
  readonly scheme: 'rtmpt' | 'rtmpts'
  /** The bound address, with the port the system chose when 0 was asked for. */
  readonly address: PeerAddress
  readonly #server: Server
  readonly #sessions: TunnelServer
  readonly #connections: ConnectionGuard
  #closed: Promise<void> | undefined

  /** `server` must be listening; made by {@link listen}. */
  constructor(scheme: 'rtmpt' | 'rtmpts', server: Server, sessions: TunnelServer, connections: ConnectionGuard) {
    const { address, port } = server.address() as AddressInfo
    this.scheme = scheme
    this.address = { address, port }
    this.#server = server
    this.#sessions = sessions
    this.#connections = connections
  }

  /** How many sessions are open. */
  get sessions(): number {
    return this.#sessions.size
  }

  /**
   * Opens no more sessions; resolves when those accepted here have closed, and the port with them. Until then the
   * requests of open sessions are served, on new connections too: some clients make one for each request. Idempotent.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#sessions.stop()
    // The answer to the last request leaves in this turn of the event loop.
    await new Promise(resolve => setImmediate(resolve))
    const timer = setTimeout(() => this.#connections.destroy(), GRACE)
    await new Promise(resolve => this.#server.close(resolve))
    clearTimeout(timer)
  }
}

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type LineHost, QuickLine } from './quick-line.ts'
import type { TunnelServer } from './tunnel-server.ts'

/**
 * Makes the server of `app` answer requests of open sessions before any hook or route. What is not such a request takes
 * the ways it took before.
 *
 * @param sessions whose routes `app` has
 */
export function serveQuickly(app: FastifyInstance, sessions: TunnelServer): void {
  const lines = new QuickLines(app.server as Server, sessions)
  app.addHook('preClose', async () => lines.close())
}

/** The connections of a server, as long as their requests are plain. */
export class QuickLines implements LineHost {
  readonly server: Server
  readonly sessions: TunnelServer
  now = 0
  readonly #lines = new Set<QuickLine>()
  readonly #nodes: readonly ((socket: Socket) => void)[]
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(server: Server, sessions: TunnelServer) {
    this.server = server
    this.sessions = sessions
    this.#nodes = server.listeners('connection') as ((socket: Socket) => void)[]
    server.removeAllListeners('connection')
    server.on('connection', (socket: Socket) => this.#take(socket))
  }

  get headersTimeout(): number {
    return this.server.headersTimeout
  }

  get keepAliveTimeout(): number {
    return this.server.keepAliveTimeout
  }

  get patience(): number {
    return this.server.timeout
  }

  giveBack(socket: Socket): void {
    for (const listener of this.#nodes) listener.call(this.server, socket)
  }

  forget(line: QuickLine): void {
    this.#lines.delete(line)
    if (this.#lines.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Ends all connections when what was asked on them has been answered. */
  close(): void {
    this.#isClosed = true
    for (const line of this.#lines) line.close()
  }

  #take(socket: Socket): void {
    const interval = Math.min(1_000, this.headersTimeout)
    this.#timer ??= setInterval(this.#tick, interval).unref()
    this.now = performance.now()
    const line = new QuickLine(socket, this)
    this.#lines.add(line)
    if (this.#isClosed) line.close()
  }

  readonly #tick = (): void => {
    this.now = performance.now()
    for (const line of this.#lines) line.tick()
  }
}

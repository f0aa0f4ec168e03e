import { UsageError } from '@rtmpipe/chunk-stream'
import type { Transport, TransportConnection } from '@rtmpipe/session'
import { httpTunnel, type TunnelLimits } from '@rtmpipe/transport-http-tunnel'
import type { HttpServer, TunnelListener, TunnelServer } from '@rtmpipe/transport-http-tunnel/server'
import type { FastifyInstance } from 'fastify'

/** Limits of sessions, and who is told when one is crossed. */
export interface HouseTunnelOptions extends Partial<TunnelLimits> {
  readonly onError?: ((error: Error) => void) | undefined
}

type Accept = (connection: TransportConnection) => void

/** The tunnel in a house: a transport whose sessions come by the house's port. */
export class HouseTunnel implements Transport {
  readonly name = 'http-tunnel'
  readonly schemes = ['rtmpt', 'rtmpts'] as const
  readonly dial: Transport['dial'] = (url, options) => httpTunnel().dial(url, options)
  readonly #options: HouseTunnelOptions
  #sessions: TunnelServer | undefined
  #server: HttpServer | undefined
  #accept: Accept | undefined
  /** Those who have come before the server listens. */
  readonly #early: TransportConnection[] = []

  constructor(options: HouseTunnelOptions) {
    this.#options = options
  }

  /** Before the house listens. */
  async addRoutes(app: FastifyInstance): Promise<void> {
    const { addTunnelRoutes, serveQuickly, TunnelServer } = await import('@rtmpipe/transport-http-tunnel/server')
    this.#sessions = new TunnelServer({ ...this.#options, accept: connection => this.#take(connection) })
    addTunnelRoutes(app, this.#sessions)
    serveQuickly(app, this.#sessions)
  }

  /** The house listens. */
  open(server: HttpServer): void {
    this.#server = server
  }

  /** Ends every session at once. */
  destroy(): void {
    this.#sessions?.destroy()
    this.#server = undefined
  }

  async listen(accept: Accept, { signal }: { readonly signal?: AbortSignal } = {}): Promise<TunnelListener> {
    signal?.throwIfAborted()
    if (this.#server === undefined || this.#sessions === undefined)
      throw new UsageError(
        'RTMP_ERR_USAGE',
        'the port of this tunnel is not open: give its http() to the server as a plugin',
      )
    const { TunnelListener } = await import('@rtmpipe/transport-http-tunnel/server')
    this.#accept = accept
    const close = (): void => void listener.close()
    const listener: TunnelListener = new TunnelListener(this.#server, this.#sessions, async () => {
      signal?.removeEventListener('abort', close)
    })
    signal?.addEventListener('abort', close, { once: true })
    for (const connection of this.#early.splice(0)) accept(connection)
    return listener
  }

  /** Somebody who comes before the server listens waits for it: a service that a connection starts has one at once. */
  #take(connection: TransportConnection): void {
    if (this.#accept === undefined) this.#early.push(connection)
    else this.#accept(connection)
  }
}

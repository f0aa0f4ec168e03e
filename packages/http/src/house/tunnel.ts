import { UsageError } from '@rtmpipe/chunk-stream'
import type { Transport, TransportConnection } from '@rtmpipe/session'
import { httpTunnel, type TunnelLimits } from '@rtmpipe/transport-http-tunnel'
import type {
  Forwarding,
  HandedOver,
  HttpServer,
  TunnelListener,
  TunnelServer,
  TunnelServerOptions,
} from '@rtmpipe/transport-http-tunnel/server'
import type { FastifyInstance } from 'fastify'

/** Limits of sessions; and with several processes, the name of this one and its way to the others. */
export interface TunnelOptions extends Partial<TunnelLimits>, Pick<TunnelServerOptions, 'name' | 'colleagues'> {}

/** The tunnel of an HTTP port. */
export interface TunnelTransport extends Transport {
  /** A request that another process has handed over. */
  take(request: HandedOver): void
}

/** And who is told when a limit is crossed. */
export interface HouseTunnelOptions extends TunnelOptions {
  readonly onError?: ((error: Error) => void) | undefined
}

type Accept = (connection: TransportConnection) => void

/** The tunnel in a house: a transport whose sessions come by the house's port. */
export class HouseTunnel implements TunnelTransport {
  readonly name = 'http-tunnel'
  readonly schemes = ['rtmpt', 'rtmpts'] as const
  readonly dial: Transport['dial'] = (url, options) => httpTunnel().dial(url, options)
  readonly #options: HouseTunnelOptions
  #sessions: TunnelServer | undefined
  #server: Pick<HttpServer, 'secure' | 'address'> | undefined
  #accept: Accept | undefined
  /** Those who have come before the server listens. */
  readonly #early: TransportConnection[] = []

  constructor(options: HouseTunnelOptions) {
    this.#options = options
  }

  /** Before the house listens. */
  async addRoutes(app: FastifyInstance, forwarding: Forwarding): Promise<void> {
    const { addTunnelRoutes, serveQuickly, TunnelServer } = await import('@rtmpipe/transport-http-tunnel/server')
    this.#sessions = new TunnelServer({ ...this.#options, accept: connection => this.#take(connection) })
    addTunnelRoutes(app, this.#sessions, forwarding)
    serveQuickly(app, this.#sessions)
  }

  take(request: HandedOver): void {
    if (this.#sessions === undefined) request.post.reject(503, 'try again')
    else this.#sessions.take(request)
  }

  /** The house listens, or a port does for it. */
  open(server: Pick<HttpServer, 'secure' | 'address'>): void {
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

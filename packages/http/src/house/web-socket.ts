import type { Server } from 'node:http'
import { UsageError } from '@rtmpipe/chunk-stream'
import type { Transport } from '@rtmpipe/session'
import type { Forwarding, HttpServer } from '@rtmpipe/transport-http-tunnel/server'
import {
  type Accept,
  type AcceptOptions,
  type WebSocketConnection,
  webSocket,
  webSocketSchemes,
} from '@rtmpipe/transport-websocket'
import type { Acceptor, WebSocketListener } from '@rtmpipe/transport-websocket/server'
import type { FastifyInstance } from 'fastify'

/** Who may connect by WebSocket, and how many. Whom proxies speak for the port knows. */
export interface WebSocketAcceptOptions extends Omit<AcceptOptions, 'trustProxy' | 'onError'> {}

/** WebSockets in a house: a transport whose connections come by the house's port. */
export class HouseWebSocket implements Transport {
  readonly name = 'websocket'
  readonly schemes: Transport['schemes'] = webSocketSchemes
  readonly dial: Transport['dial'] = (url, options) => webSocket().dial(url, options)
  readonly #options: AcceptOptions
  readonly #refusal: ((isEncrypted: boolean) => string | undefined) | undefined
  #acceptor: Acceptor | undefined
  #server: Pick<HttpServer, 'secure' | 'address'> | undefined
  #accept: Accept | undefined
  /** Those who have come before the server listens. */
  readonly #early: WebSocketConnection[] = []

  /** @param refusal a sentence for those that the port does not take */
  constructor(options: AcceptOptions, refusal?: (isEncrypted: boolean) => string | undefined) {
    this.#options = options
    this.#refusal = refusal
  }

  /** Before the house listens. */
  async addTo(app: FastifyInstance, forwarding: Forwarding): Promise<void> {
    const { Acceptor } = await import('@rtmpipe/transport-websocket/server')
    this.#acceptor = new Acceptor(connection => this.#take(connection), this.#options, {
      clientOf: request => forwarding.clientOf(request),
      ...(this.#refusal && { refusal: this.#refusal }),
    })
    this.#acceptor.serve(app.server as Server)
  }

  /** The house listens, or a port does for it. */
  open(server: Pick<HttpServer, 'secure' | 'address'>): void {
    this.#server = server
  }

  /** Ends every connection at once. */
  destroy(): void {
    this.#acceptor?.destroy()
    this.#server = undefined
  }

  async listen(accept: Accept, { signal }: { readonly signal?: AbortSignal } = {}): Promise<WebSocketListener> {
    signal?.throwIfAborted()
    if (this.#server === undefined || this.#acceptor === undefined)
      throw new UsageError(
        'RTMP_ERR_USAGE',
        'the port of these WebSockets is not open: give its http() to the server as a plugin',
      )
    const { WebSocketListener } = await import('@rtmpipe/transport-websocket/server')
    this.#accept = accept
    const close = (): void => void listener.close()
    const listener: WebSocketListener = new WebSocketListener(this.#server, this.#acceptor, async () => {
      signal?.removeEventListener('abort', close)
    })
    signal?.addEventListener('abort', close, { once: true })
    for (const connection of this.#early.splice(0)) accept(connection)
    return listener
  }

  /** Somebody who comes before the server listens waits for it. */
  #take(connection: WebSocketConnection): void {
    if (this.#accept === undefined) this.#early.push(connection)
    else this.#accept(connection)
  }
}

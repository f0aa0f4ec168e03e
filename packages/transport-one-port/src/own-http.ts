import type { Socket } from 'node:net'
import {
  addTunnelRoutes,
  HttpServer,
  type HttpServerOptions,
  serveQuickly,
  TunnelListener,
  TunnelServer,
} from '@rtmpipe/transport-http-tunnel/server'
import type { AcceptOptions } from '@rtmpipe/transport-websocket'
import { Acceptor, WebSocketListener } from '@rtmpipe/transport-websocket/server'
import type { Server } from 'node:http'
import type { Accept, PeerAddress } from './connection.ts'
import type { HttpOfPort, Sessions } from './http-of-port.ts'
import type { OnePortOptions } from './options.ts'

/** What the port takes over HTTP, as it says of itself. */
interface Taken {
  readonly refuse: HttpServerOptions['refuse']
  readonly webSocket: Omit<AcceptOptions, 'trustProxy' | 'onError'> | undefined
  readonly refuseWebSocket: (isEncrypted: boolean) => string | undefined
}

/** The HTTP server of a port that has no other: the tunnel, WebSockets, and routes of the user's. */
export class OwnHttp implements HttpOfPort {
  readonly #server: HttpServer
  readonly #sessions: TunnelServer
  readonly #acceptor: Acceptor | undefined

  private constructor(server: HttpServer, sessions: TunnelServer, acceptor: Acceptor | undefined) {
    this.#server = server
    this.#sessions = sessions
    this.#acceptor = acceptor
  }

  /**
   * @throws TunnelError `RTMP_ERR_TUNNEL_OPTION` and WebSocketError `RTMP_ERR_WEBSOCKET_OPTION` for impossible limits, and what
   *   registering the routes throws
   */
  static async make(
    { refuse, webSocket, refuseWebSocket: refusal }: Taken,
    { tunnel, routes, trustProxy, onError }: OnePortOptions,
    accept: Accept,
  ): Promise<OwnHttp> {
    const sessions = new TunnelServer({ ...tunnel, onError, accept })
    let acceptor: Acceptor | undefined
    const server = await HttpServer.make({ onError, refuse, trustProxy }, async (app, forwarding) => {
      addTunnelRoutes(app, sessions, forwarding)
      serveQuickly(app, sessions)
      const clientOf: (typeof forwarding)['clientOf'] = request => forwarding.clientOf(request)
      acceptor = webSocket && new Acceptor(accept, { ...webSocket, onError }, { clientOf, refusal })
      acceptor?.serve(app.server as Server)
      await routes?.(app)
    })
    server.begin()
    return new OwnHttp(server, sessions, acceptor)
  }

  take(connection: Socket): void {
    this.#server.take(connection)
  }

  async open(_accept: Accept, address: PeerAddress): Promise<Sessions> {
    const server = { secure: false, address }
    const listeners: Sessions[] = [new TunnelListener(server, this.#sessions)]
    if (this.#acceptor !== undefined) listeners.push(new WebSocketListener(server, this.#acceptor))
    return { close: async () => void (await Promise.all(listeners.map(listener => listener.close()))) }
  }

  /** Ends what is open. */
  close(): Promise<void> {
    return this.#server.close()
  }
}

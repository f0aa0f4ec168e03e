import type { Socket } from 'node:net'
import {
  addTunnelRoutes,
  HttpServer,
  type HttpServerOptions,
  serveQuickly,
  TunnelListener,
  TunnelServer,
} from '@rtmpipe/transport-http-tunnel/server'
import type { Accept, PeerAddress } from './connection.ts'
import type { HttpOfPort, Sessions } from './http-of-port.ts'
import type { OnePortOptions } from './options.ts'

/** The HTTP server of a port that has no other: the tunnel, and routes of the user's. */
export class OwnHttp implements HttpOfPort {
  readonly #server: HttpServer
  readonly #sessions: TunnelServer

  private constructor(server: HttpServer, sessions: TunnelServer) {
    this.#server = server
    this.#sessions = sessions
  }

  /** @throws TunnelError `RTMP_ERR_TUNNEL_OPTION` for impossible limits, and what registering the routes throws */
  static async make(
    { tunnel, routes, trustProxy, onError }: OnePortOptions,
    accept: Accept,
    refuse: HttpServerOptions['refuse'],
  ): Promise<OwnHttp> {
    const sessions = new TunnelServer({ ...tunnel, onError, accept })
    const server = await HttpServer.make({ onError, refuse, trustProxy }, async (app, forwarding) => {
      addTunnelRoutes(app, sessions, forwarding)
      serveQuickly(app, sessions)
      await routes?.(app)
    })
    server.begin()
    return new OwnHttp(server, sessions)
  }

  take(connection: Socket): void {
    this.#server.take(connection)
  }

  async open(_accept: Accept, address: PeerAddress): Promise<Sessions> {
    return new TunnelListener({ secure: false, address }, this.#sessions)
  }

  /** Ends what is open. */
  close(): Promise<void> {
    return this.#server.close()
  }
}

import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AcceptOptions } from '../options.ts'
import { type Accept, Acceptor } from './acceptor.ts'

/** WebSockets on an HTTP server of your own. */
export interface Attachment {
  /** How many are open. */
  readonly size: number
  /** Takes no more; resolves when those that are open have closed. */
  close(): Promise<void>
  /** Takes no more, and cuts those that are open. */
  destroy(): void
}

/**
 * Takes RTMP over WebSocket at an HTTP or HTTPS server of your own: upgrades that offer the subprotocol `rtmp`, at
 * `options.path` if there is one. Others are left to their listeners; where there are none such a request is served as if it
 * had asked for no upgrade.
 *
 * @throws WebSocketError `RTMP_ERR_WEBSOCKET_OPTION`, TrustError `RTMP_ERR_TRUST_OPTION`
 */
export function attach(server: HttpServer | HttpsServer, accept: Accept, options: AcceptOptions = {}): Attachment {
  const acceptor = new Acceptor(accept, options)
  const leave = acceptor.serve(server as HttpServer)
  server.once('close', leave)
  return {
    get size() {
      return acceptor.size
    },
    close() {
      acceptor.stop()
      return acceptor.gone().then(leave)
    },
    destroy() {
      acceptor.destroy()
      leave()
    },
  }
}

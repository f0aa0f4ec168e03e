/**
 * RTMP over WebSocket for pages in browsers: dials, with the page's own WebSocket.
 *
 * @packageDocumentation
 */
import type { WebSocketConnection } from './connection.ts'
import { dialFromPage } from './page/dial.ts'
import { webSocketSchemes } from './dial-target.ts'
import { WebSocketError } from './errors.ts'

export type { PeerAddress, UpgradeRequest, WebSocketConnection } from './connection.ts'
export { WebSocketError, type WebSocketErrorCode, type WebSocketErrorOptions } from './errors.ts'

/** Options of {@link webSocket} in a browser. */
export interface WebSocketOptions {
  /** Milliseconds that dialling may take. Default 10,000. */
  readonly connectTimeout?: number | undefined
}

/** RTMP over WebSocket as a `Transport` of `@rtmpipe/session`, which does not listen. */
export interface WebSocketTransport {
  readonly name: 'websocket'
  /** Of the URLs that it dials; with and without `rtmp+` they mean the same. */
  readonly schemes: typeof webSocketSchemes
  /** Rejects: nobody can connect to a page. */
  listen(): Promise<never>
  /**
   * Connects to the host, port and path of `url`. Rejects with {@link WebSocketError}, as browsers do not tell why, or with
   * the reason of the signal.
   *
   * Where the browser has `WebSocketStream`, no more is taken from the network than is read; elsewhere `paces` is false.
   */
  dial(url: URL, options?: { readonly signal?: AbortSignal }): Promise<WebSocketConnection>
}

/** RTMP over WebSocket, as far as a page can have it. */
export function webSocket({ connectTimeout = 10_000 }: WebSocketOptions = {}): WebSocketTransport {
  return {
    name: 'websocket',
    schemes: webSocketSchemes,
    listen: async () => {
      throw new WebSocketError('RTMP_ERR_WEBSOCKET_OPTION', 'a page in a browser can dial, and not listen')
    },
    dial: (url, { signal } = {}) => dialFromPage(url, connectTimeout, signal),
  }
}

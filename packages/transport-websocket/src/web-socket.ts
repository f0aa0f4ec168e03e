import type { WebSocketConnection } from './connection.ts'
import { webSocketSchemes } from './dial-target.ts'
import type { WebSocketOptions } from './options.ts'
import type { WebSocketListener } from './server/web-socket-listener.ts'

/** Options of listening and dialling. */
export interface SignalOptions {
  /** Stops accepting; or gives up dialling, or destroys the dialled connection if it already stands. */
  readonly signal?: AbortSignal
}

/** RTMP over WebSocket as a `Transport` of `@rtmpipe/session`. */
export interface WebSocketTransport {
  readonly name: 'websocket'
  /** Of the URLs that it dials; with and without `rtmp+` they mean the same. */
  readonly schemes: typeof webSocketSchemes
  /**
   * Binds and accepts. Rejects with the system's error (`EADDRINUSE`, `EACCES`, …), {@link WebSocketError}
   * (`RTMP_ERR_WEBSOCKET_OPTION`) or TrustError (`RTMP_ERR_TRUST_OPTION`). `accept` must not throw.
   */
  listen(accept: (connection: WebSocketConnection) => void, options?: SignalOptions): Promise<WebSocketListener>
  /**
   * Connects to the host, port and path of `url`; port 80 for `ws:`, 443 for `wss:` when it names none. Rejects with the
   * system's error (`ECONNREFUSED`, `ENOTFOUND`, …), with {@link WebSocketError}, with `ProxyError` (`RTMP_ERR_PROXY_…`)
   * where a proxy lets us not through, or with the reason of the signal.
   */
  dial(url: URL, options?: SignalOptions): Promise<WebSocketConnection>
}

/** RTMP over WebSocket. One value both listens and dials; it holds nothing itself. */
export function webSocket(options: WebSocketOptions = {}): WebSocketTransport {
  return {
    name: 'websocket',
    schemes: webSocketSchemes,
    // Each loads its own half: who only dials needs no fastify, and most clients do not even dial a WebSocket.
    listen: async (accept, { signal } = {}) => (await import('./server/listen.ts')).listen(options, accept, signal),
    dial: async (url, { signal } = {}) => (await import('./client/dial.ts')).dial(url, options, signal),
  }
}

/** Every way a WebSocket can fail beyond the system's own errors; stable, so match on it. */
export type WebSocketErrorCode =
  /** The URL given to `dial` is not `ws:` or `wss:`, or has no host. */
  | 'RTMP_ERR_TRANSPORT_URL'
  /** Listening: a page of another origin wanted to connect, and `origins` does not have it. */
  | 'RTMP_ERR_WEBSOCKET_ORIGIN'
  /** Listening: {@link WebSocketOptions.maxConnections} crossed. */
  | 'RTMP_ERR_WEBSOCKET_CONNECTIONS'
  /** Dialling: the server answered the upgrade with another status than 101; see {@link WebSocketError.status}. */
  | 'RTMP_ERR_WEBSOCKET_STATUS'
  /** Dialling: the server's answer is not that of a WebSocket server that speaks RTMP. */
  | 'RTMP_ERR_WEBSOCKET_REPLY'
  /** Dialling: the server did not answer in time. */
  | 'RTMP_ERR_WEBSOCKET_TIMEOUT'
  /** The peer sent text: RTMP is binary. */
  | 'RTMP_ERR_WEBSOCKET_TEXT'
  /** The peer sent what is no WebSocket frame, too long a message, or went on after it had ended. */
  | 'RTMP_ERR_WEBSOCKET_FRAME'
  /** Nothing came from the peer, no answer to a ping either: it is gone. */
  | 'RTMP_ERR_WEBSOCKET_DEAD'
  /** The connection broke, or something was written after the peer had closed it. */
  | 'RTMP_ERR_WEBSOCKET_CLOSED'
  /** An option that is not what it could be. */
  | 'RTMP_ERR_WEBSOCKET_OPTION'

/** What goes along with a {@link WebSocketError}. */
export interface WebSocketErrorOptions extends ErrorOptions {
  /** HTTP status that the server answered with. */
  readonly status?: number
  /** Code to close the WebSocket with (RFC 6455 §7.4); without it the connection is cut. */
  readonly closeCode?: number
}

/** What this package raises itself; errors of the system (`ECONNREFUSED`, …) pass through as they are. */
export class WebSocketError extends Error {
  /** Stable identifier, for example `RTMP_ERR_WEBSOCKET_ORIGIN`. */
  readonly code: WebSocketErrorCode
  /** HTTP status that the server answered with, where that is what went wrong. */
  readonly status: number | undefined
  /** Code that the WebSocket is closed with, if it is. */
  readonly closeCode: number | undefined

  constructor(code: WebSocketErrorCode, message: string, options: WebSocketErrorOptions = {}) {
    super(message, options)
    // Not the class's name, which a bundler may shorten.
    this.name = 'WebSocketError'
    this.code = code
    this.status = options.status
    this.closeCode = options.closeCode
  }
}

import { type ClientConnectOptions, connect as connectOver, type RtmpClient } from '@rtmpipe/session/client'
import { webSocket } from '@rtmpipe/transport-websocket/browser'

/** Options of {@link connect}; each has a default. What only Node can do is not among them. */
export type ConnectOptions = Omit<
  ClientConnectOptions,
  'transports' | 'fallback' | 'handshake' | 'swf' | 'login' | 'peerServer'
>

/**
 * Connects to an application at a `ws://` or `wss://` URL; `rtmp+ws://` and `rtmp+wss://` are the same. The server learns the
 * page's origin, and may not let pages of others in.
 *
 * @example
 * ```ts
 * const client = await connect(`wss://${location.host}/live`)
 * const sum = await client.call('add', 1, 2)
 * ```
 *
 * @throws UsageError for a URL that can't be meant, StatusError when the server refuses, WebSocketError when it is not
 *   reached, which browsers give no reason for, and `RTMP_ERR_USAGE` for options that are only for Node
 */
export function connect(url: string, options: ConnectOptions = {}): Promise<RtmpClient> {
  return connectOver(url, { ...options, transports: [webSocket()] })
}

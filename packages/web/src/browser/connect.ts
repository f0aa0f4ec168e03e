import { type ClientConnectOptions, connect as connectOver, type RtmpClient } from '@rtmpipe/session/client'
import { webSocket } from './web-socket.ts'

/** Options of {@link connect}; each has a default. */
export type ConnectOptions = Omit<
  ClientConnectOptions,
  'transports' | 'fallback' | 'handshake' | 'swf' | 'login' | 'peerServer'
>

/**
 * Connects to an application at a `ws://` or `wss://` URL (`rtmp+ws://` and `rtmp+wss://` are the same).
 *
 * @throws UsageError for a URL that can't be meant, StatusError when the server refuses, an error of the transport when
 *   nobody answers
 */
export function connect(url: string, options: ConnectOptions = {}): Promise<RtmpClient> {
  return connectOver(url, { ...options, transports: [webSocket()] })
}

import { type ClientConnectOptions, connect as connectAlone } from './client/connect.ts'
import type { RtmpClient } from './client/rtmp-client.ts'
import { peerServer } from './server/peer-server.ts'

/** `connect` of `@rtmpipe/session/client`, whose client can publish to its peers, too. */
export function connect(url: string, options: ClientConnectOptions): Promise<RtmpClient> {
  return connectAlone(url, { peerServer, ...options })
}

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { ProxyProtocol } from '@rtmpipe/net'
import type { PeerAddress } from '../connection.ts'

/**
 * Makes `server` take connections from proxies: whoever has listened for them so far is given them when their PROXY header
 * has been read.
 *
 * @param onError told why a connection was refused
 */
export function expectProxies(
  server: Server,
  proxies: ProxyProtocol,
  onError: (error: Error, remote?: PeerAddress) => void,
): void {
  const take = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    proxies.arrive(socket, (error, remote) => {
      if (error !== undefined) onError(error, remote)
      else for (const listener of take) listener.call(server, socket)
    })
  })
}

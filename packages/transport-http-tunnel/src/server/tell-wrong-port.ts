import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { whatIs, WrongPortError } from '@rtmpipe/net'
import { type PeerAddress, peerAddress } from '../connection.ts'

/** Tells what came to `server` that is not HTTP at all; Node answers it with 400. */
export function tellWrongPort(server: Server, onError: (error: Error, remote?: PeerAddress) => void): void {
  server.prependListener('clientError', (error: Error & { readonly rawPacket?: Buffer }, socket: Socket) => {
    const spoken = whatIs(error.rawPacket ?? Buffer.alloc(0))
    if (spoken === undefined || spoken === 'http' || spoken === 'other') return
    const { remoteAddress = '', remotePort = 0 } = socket
    const isInsideTls = (socket as Partial<TLSSocket>).encrypted === true
    onError(new WrongPortError(spoken, 'HTTP', isInsideTls), peerAddress(remoteAddress, remotePort))
  })
}

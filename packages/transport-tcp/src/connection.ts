import type { Socket } from 'node:net'
import { remoteOf } from '@rtmpipe/net'
import type { PeerAddress } from './peer-address.ts'

/** One TCP connection, accepted or dialled. */
export interface TcpConnection {
  /** The socket; half-open: `end()` closes one direction only. A reset that nobody listens to does no harm. */
  readonly stream: Socket
  readonly transport: 'rtmp'
  readonly secure: false
  /** The peer's end; the proxy's where we dialled through one. */
  readonly remote: PeerAddress
}

/** Describes a connected socket; undefined when the peer is gone already and with it its address. */
export function connectionOf(socket: Socket): TcpConnection | undefined {
  const remote = remoteOf(socket)
  return remote && { stream: socket, transport: 'rtmp', secure: false, remote }
}

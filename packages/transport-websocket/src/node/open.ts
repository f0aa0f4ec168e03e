import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { WebSocketByteStream } from '../stream/byte-stream.ts'
import type { Heartbeat } from './heartbeat.ts'
import { WsCarrier } from './ws-carrier.ts'

/**
 * The byte stream of an open WebSocket, with its pulse felt until it has closed.
 *
 * @param below of an accepted one: the socket that it is on
 */
export function byteStreamOf(socket: WebSocket, heartbeat: Heartbeat, below?: Writable): WebSocketByteStream {
  const carrier = new WsCarrier(socket, below)
  const stream = new WebSocketByteStream(carrier)
  heartbeat.watch(carrier)
  socket.once('close', () => heartbeat.forget(carrier))
  return stream
}

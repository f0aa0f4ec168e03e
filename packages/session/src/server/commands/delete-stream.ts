import type { Command } from '../../protocol/command.ts'
import type { NetConnection } from '../net-connection.ts'

/** NetStream.deleteStream (RTMP 1.0 §7.2.2.3): by id; GStreamer gives the stream's name. No answer. */
export function deleteStream(connection: NetConnection, command: Command): void {
  const [which] = command.args
  const byId = typeof which === 'number' ? connection.netStream(which) : undefined
  const stream = typeof which === 'string' ? connection.netStreamByName(which) : byId
  if (stream !== undefined) connection.deleteNetStream(stream)
}

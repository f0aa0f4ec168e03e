import { type Command, stringOf } from '../../protocol/command.ts'
import type { NetConnection } from '../net-connection.ts'

/**
 * NetStream.closeStream: stops it, its id stays usable. Not in the specification; GStreamer sends it with a name on id
 * 0.
 */
export function closeStream(connection: NetConnection, command: Command): void {
  const stream = connection.netStream(command.messageStreamId) ?? connection.netStreamByName(stringOf(command.args[0]))
  stream?.stop()
}

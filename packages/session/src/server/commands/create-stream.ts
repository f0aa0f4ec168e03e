import { type Command, errorMessage, resultMessage } from '../../protocol/command.ts'
import { status } from '../../protocol/status.ts'
import type { NetConnection } from '../net-connection.ts'

/** NetConnection.createStream (RTMP 1.0 §7.2.1.3). The answer has exactly these four values: ffmpeg wants no other. */
export function createStream(connection: NetConnection, command: Command): void {
  const stream = connection.createNetStream()
  if (stream === undefined) {
    connection.send(errorMessage(command, status('NetConnection.Call.Failed', 'too many streams on this connection')))
  } else connection.send(resultMessage(command, null, stream.id))
}

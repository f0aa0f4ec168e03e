import { deny } from '../../contract/denial.ts'
import type { Refused } from '../../contract/refusal-event.ts'
import { tellRefusal } from '../../hooks/tell-refusal.ts'
import { type Command, onStatus, stringOf } from '../../protocol/command.ts'
import type { StatusCode } from '../../protocol/status.ts'
import type { NetConnection } from '../net-connection.ts'

/** Refuses what is asked on a message stream without a NetStream. It is told there, and the connection goes on. */
export function refuseWithoutNetStream(
  connection: NetConnection,
  { messageStreamId, args: [name] }: Command,
  what: Refused,
  code: StatusCode,
): void {
  const description = `there is no NetStream ${messageStreamId}: createStream makes one, and tells its id`
  tellRefusal(connection, what, { app: connection.app, streamName: stringOf(name) }, deny(code, description))
  connection.send(onStatus(messageStreamId, code, description))
}

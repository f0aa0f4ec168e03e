import { type Command, resultMessage } from '../../command.ts'
import type { NetConnection } from '../net-connection.ts'

/** getStreamLength, asked by ffmpeg before playing; not in the specification. Seconds; 0 is "not known", as of live streams. */
export function getStreamLength(connection: NetConnection, command: Command): void {
  if (command.transactionId !== 0) connection.send(resultMessage(command, null, 0))
}

/** _checkbw, a client's wish for a bandwidth check; not in the specification. An answer lets it go on. */
export function checkBandwidth(connection: NetConnection, command: Command): void {
  if (command.transactionId !== 0) connection.send(resultMessage(command, null))
}

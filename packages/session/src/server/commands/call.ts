import { type Command, errorMessage, resultMessage } from '../../command.ts'
import { status } from '../../status.ts'
import type { NetConnection } from '../net-connection.ts'

/**
 * NetConnection.call (RTMP 1.0 §7.2.1.2): whatever is no command of ours is a method of a plugin's. An unknown one is
 * answered with `_error`, because encoders that probe for methods hang otherwise.
 */
export async function call(connection: NetConnection, command: Command): Promise<void> {
  // Answers to calls that nobody made.
  if (command.name === '_result' || command.name === '_error' || command.name === 'onStatus') return
  try {
    const value = await connection.context.hooks.call({ connection, method: command.name, args: command.args })
    if (command.transactionId === 0) return
    if (value === undefined) throw new Error('no such method')
    connection.send(resultMessage(command, null, value))
  } catch {
    if (command.transactionId === 0) return
    connection.send(errorMessage(command, status('NetConnection.Call.Failed', `${command.name.slice(0, 64)} failed`)))
  }
}

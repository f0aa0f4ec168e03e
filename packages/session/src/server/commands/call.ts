import { type Command, errorMessage, resultMessage } from '../../protocol/command.ts'
import { status } from '../../protocol/status.ts'
import type { NetConnection } from '../net-connection.ts'

/**
 * NetConnection.call (RTMP 1.0 §7.2.1.2): whatever is no command of ours is a method of a plugin's. An unknown one is
 * answered with `_error`, because encoders that probe for methods hang otherwise. Nothing waits for the answer, so that
 * the plugin may call the client in turn; but who has too many calls under way is not read until one is answered.
 */
export function call(connection: NetConnection, command: Command): void | Promise<void> {
  connection.answering += 1
  const answered = answer(connection, command).finally(() => void (connection.answering -= 1))
  if (connection.answering >= connection.context.limits.maxPendingCalls) return answered
  answered.catch((error: Error) => void connection.messages.destroy(error))
}

/** `_result` and `_error`: the client answers a call of ours. */
export function callAnswer(connection: NetConnection, command: Command): void {
  connection.calls.answer(command)
}

async function answer(connection: NetConnection, command: Command): Promise<void> {
  const { name, transactionId, args } = command
  try {
    const value = await connection.hooks.call({ connection, method: name, args })
    if (transactionId === 0) return
    if (value === undefined) throw new Error('no such method')
    connection.send(resultMessage(command, null, ...connection.encodable([value])))
  } catch {
    if (transactionId === 0) return
    connection.send(errorMessage(command, status('NetConnection.Call.Failed', `${name.slice(0, 64)} failed`)))
  }
}

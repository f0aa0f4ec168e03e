import { answerCall } from '../../peer/answer-calls.ts'
import type { Command } from '../../protocol/command.ts'
import type { NetConnection } from '../net-connection.ts'

/**
 * NetConnection.call (RTMP 1.0 §7.2.1.2): every command without its own handler is a method of a plugin. An unknown
 * method is answered with `_error`, because encoders that probe for methods hang otherwise. The client's next messages
 * do not wait for the answer, so that the plugin may call the client; but a client with too many calls under way is not
 * read until the newest is answered.
 */
export function call(connection: NetConnection, command: Command): void | Promise<void> {
  const { name, args } = command
  const { peer, hooks, server } = connection
  const answered = answerCall(peer, command, () => hooks.call({ connection, method: name, args }))
  if (peer.answering >= server.limits.maxPendingCalls) return answered
  answered.catch((error: Error) => void connection.messages.destroy(error))
}

/** `_result` and `_error`: the client answers a call of ours. */
export function callAnswer(connection: NetConnection, command: Command): void {
  connection.peer.calls.answer(command)
}

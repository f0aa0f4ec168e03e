import type { AmfValue } from '@rtmpipe/amf'
import { type Command, commandMessage, errorMessage, resultMessage } from '../protocol/command.ts'
import type { Awaitable } from '../contract/plugin.ts'
import { status } from '../protocol/status.ts'
import type { ClientConnection } from './client-connection.ts'

type OnCall = (method: string, args: readonly AmfValue[]) => Awaitable<AmfValue>

/** Calls of a server's that may be under way. */
const maxCalls = 64
/** Known to every client, and none of the application's business (protocol.md §6.2). */
const notices = new Set(['onBWDone', '_onbwdone', 'onFCPublish', 'onFCUnpublish', 'onFCSubscribe', 'onFCUnsubscribe'])

/** Answers what a server asks of a client (RTMP 1.0 §7.2.1.2). */
export class ClientCalls {
  #underWay = 0
  #probes = 0

  answer(connection: ClientConnection, command: Command, onCall: OnCall): void {
    const { name, transactionId } = command
    if (notices.has(name)) return
    if (name === '_onbwcheck') {
      this.#probes += 1
      if (transactionId !== 0) connection.send(resultMessage(command, null, this.#probes))
    } else if (name === 'ping') connection.send(commandMessage(0, 'pong', transactionId, null))
    else void this.#call(connection, command, onCall)
  }

  async #call(connection: ClientConnection, command: Command, onCall: OnCall): Promise<void> {
    const { name, transactionId, args } = command
    if (this.#underWay >= maxCalls) return this.#refuse(connection, command)
    this.#underWay += 1
    try {
      const value = await onCall(name, args)
      if (value === undefined) this.#refuse(connection, command)
      else if (transactionId !== 0) connection.send(resultMessage(command, null, ...connection.encodable([value])))
    } catch {
      this.#refuse(connection, command)
    } finally {
      this.#underWay -= 1
    }
  }

  #refuse(connection: ClientConnection, command: Command): void {
    if (command.transactionId === 0) return
    const name = command.name.slice(0, 64)
    connection.send(errorMessage(command, status('NetConnection.Call.Failed', `${name} failed`)))
  }
}

import type { AmfValue } from '@rtmpipe/amf'
import type { Awaitable } from '../contract/plugin.ts'
import { answerCall, refuseCall } from '../peer/answer-calls.ts'
import type { Peer } from '../peer/peer.ts'
import { type Command, commandMessage, resultMessage } from '../protocol/command.ts'

type OnCall = (method: string, args: readonly AmfValue[]) => Awaitable<AmfValue>

/** Most calls of a server that may be under way. */
const maxCalls = 64
/** Commands that servers send unasked; every client knows them, and the application is not told. */
const notices = new Set(['onBWDone', '_onbwdone', 'onFCPublish', 'onFCUnpublish', 'onFCSubscribe', 'onFCUnsubscribe'])

/** Answers what a server asks of a client (RTMP 1.0 §7.2.1.2). */
export class ClientCalls {
  #probes = 0

  answer(peer: Peer, command: Command, onCall: OnCall): void {
    const { name, transactionId, args } = command
    if (notices.has(name)) return
    if (name === '_onbwcheck') {
      this.#probes += 1
      if (transactionId !== 0) peer.send(resultMessage(command, null, this.#probes))
    } else if (name === 'ping') peer.send(commandMessage(0, 'pong', transactionId, null))
    else if (peer.answering >= maxCalls) refuseCall(peer, command)
    else void answerCall(peer, command, () => onCall(name, args))
  }
}

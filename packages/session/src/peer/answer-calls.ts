import type { AmfValue } from '@rtmpipe/amf'
import type { Awaitable } from '../contract/plugin.ts'
import { type Command, errorMessage, resultMessage } from '../protocol/command.ts'
import { status } from '../protocol/status.ts'
import type { Peer } from './peer.ts'

/**
 * Answers a call of the peer's (RTMP 1.0 §7.2.1.2): what `method` gives becomes `_result`; a throw, and `undefined` for
 * an unknown method, become `_error`. Never rejects. A peer that wants no answer (transaction id 0) gets none.
 */
export async function answerCall(peer: Peer, command: Command, method: () => Awaitable<AmfValue>): Promise<void> {
  peer.answering += 1
  try {
    const value = await method()
    if (value === undefined) refuseCall(peer, command)
    else if (command.transactionId !== 0) peer.send(resultMessage(command, null, ...peer.encodable([value])))
  } catch {
    refuseCall(peer, command)
  } finally {
    peer.answering -= 1
  }
}

/** Answers `_error`. */
export function refuseCall(peer: Peer, command: Command): void {
  if (command.transactionId === 0) return
  peer.send(errorMessage(command, status('NetConnection.Call.Failed', `${command.name.slice(0, 64)} failed`)))
}

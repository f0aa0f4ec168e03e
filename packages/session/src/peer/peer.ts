import type { AmfValue } from '@rtmpipe/amf'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageConnection, MessageOutput } from '../contract/message-connection.ts'
import { asAmf3Value, type ObjectEncoding } from '../protocol/amf3-messages.ts'
import {
  type NetConnectionEvent,
  type NetConnectionState,
  netConnectionTransitions,
  StateMachine,
} from '../protocol/transitions.ts'
import { Amf3Output } from './amf3-output.ts'
import type { DeadPeers } from './dead-peers.ts'
import { Link } from './link.ts'
import { type CallLimits, PendingCalls } from './pending-calls.ts'

/** The other end of a message connection, in either role: its state, and the ways to send to it. */
export class Peer {
  readonly messages: MessageConnection
  readonly link: Link
  /** Its calls that are being answered, see {@link answerCall}. */
  answering = 0
  readonly #state = new StateMachine<NetConnectionState, NetConnectionEvent>(netConnectionTransitions, 'opened')
  readonly #callLimits: CallLimits
  #calls: PendingCalls | undefined
  #objectEncoding: ObjectEncoding = 0
  #output: MessageOutput
  #deadPeers: DeadPeers | undefined

  constructor(messages: MessageConnection, callLimits: CallLimits) {
    this.messages = messages
    this.link = new Link(messages)
    this.#callLimits = callLimits
    this.#output = messages
  }

  get state(): NetConnectionState {
    return this.#state.state
  }

  /** @throws ProtocolError `RTMP_ERR_COMMAND_ORDER` for an event that has no place in this state */
  transition(event: NetConnectionEvent): void {
    this.#state.dispatch(event)
  }

  get objectEncoding(): ObjectEncoding {
    return this.#objectEncoding
  }

  /** From here on commands and data are sent in this encoding. */
  set objectEncoding(objectEncoding: ObjectEncoding) {
    this.#objectEncoding = objectEncoding
    this.#output = objectEncoding === 3 ? new Amf3Output(this.messages) : this.messages
  }

  /** The way out for everything but protocol control. */
  get output(): MessageOutput {
    return this.#output
  }

  send(message: RtmpMessage): void {
    this.#output.send(message)
  }

  /** Values of an application's, in the encoding agreed on. */
  encodable(values: readonly AmfValue[]): readonly AmfValue[] {
    return this.#objectEncoding === 3 ? values.map(asAmf3Value) : values
  }

  /** Our calls, which wait for its answers. Most peers are never called. */
  get calls(): PendingCalls {
    this.#calls ??= new PendingCalls(this.#callLimits)
    return this.#calls
  }

  /** Nothing is answered any more. @param reason is asked for only when calls were made: an error with its stack is dear */
  endCalls(reason: () => Error): void {
    this.#calls?.close(reason())
  }

  /** Has it pinged when it falls silent, until it has closed. */
  watch(deadPeers: DeadPeers): void {
    this.#deadPeers = deadPeers
    deadPeers.add(this.link)
  }

  /** To be called once when the message connection has closed. @param reason for calls that still wait */
  closed(reason: () => Error): void {
    this.#deadPeers?.delete(this.link)
    this.#state.dispatch('close')
    this.endCalls(reason)
  }
}

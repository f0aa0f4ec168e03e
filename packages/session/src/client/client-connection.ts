import type { AmfObject, AmfValue } from '@rtmpipe/amf'
import {
  type HandshakeStep,
  MessageType,
  type RtmpMessage,
  setChunkSize,
  type SwfIdentity,
  swfVerifyResponse,
  UsageError,
  windowAcknowledgementSize,
} from '@rtmpipe/chunk-stream'
import { StatusError } from '../contract/errors.ts'
import type { MessageConnection, MessageOutput } from '../contract/message-connection.ts'
import { DeadPeers, type PingTimes } from '../peer/dead-peers.ts'
import { dispatch } from '../peer/dispatch.ts'
import { Peer } from '../peer/peer.ts'
import { statusError } from '../peer/status-error.ts'
import { takePing } from '../peer/user-control.ts'
import { asAmf0Data } from '../protocol/amf3-messages.ts'
import { type Command, commandMessage, objectOf, parseCommand, stringOf } from '../protocol/command.ts'
import { outgoingChunkSize, windowSize } from '../protocol/sizes.ts'
import type { NetConnectionState } from '../protocol/transitions.ts'
import type { ClientStream } from './client-stream.ts'

/** What a {@link ClientConnection} leaves to the client it belongs to. */
export interface ClientConnectionEvents {
  sharedObject(message: RtmpMessage): void | Promise<void>
  /** A command that is neither an answer nor a status. */
  command(connection: ClientConnection, command: Command): void
  /** A status for the connection. */
  status(connection: ClientConnection, info: AmfObject): void
  closed(connection: ClientConnection): void
}

/** Commands that may wait for answers, and the milliseconds a server may take for each. */
const callLimits = { callTimeout: 30_000, maxPendingCalls: 1_000 }

/** One message connection of a client: its state, its commands with their answers, and its NetStreams by id. */
export class ClientConnection {
  readonly peer: Peer
  readonly streams: Map<number, ClientStream> = new Map()
  /** Milliseconds the server may take to answer a command. */
  callTimeout: number = callLimits.callTimeout
  /** True while the client is about to go on elsewhere, as publishers may do that were here. */
  isBeingLeft = false
  readonly #events: ClientConnectionEvents
  #failure: Error | undefined
  #swfVerifyResponse: RtmpMessage | undefined
  #isLeft = false

  constructor(messages: MessageConnection, events: ClientConnectionEvents) {
    this.peer = new Peer(messages, callLimits)
    this.#events = events
    dispatch(messages, this, () => void messages.end())
    messages.on('error', error => {
      this.#failure ??= error
    })
    messages.once('close', () => this.#closed())
  }

  get messages(): MessageConnection {
    return this.peer.messages
  }

  get state(): NetConnectionState {
    return this.peer.state
  }

  /** The error that ended it; undefined if it ended without one. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** The error for calls that come after the end. */
  get closedError(): Error {
    return this.#failure ?? new StatusError('NetConnection.Connect.Closed', 'the connection is closed')
  }

  /** The way out for commands and what is published. */
  get output(): MessageOutput {
    return this.peer.output
  }

  /**
   * NetConnection.connect. Resolves with what the server answered.
   *
   * @param timeout milliseconds until it must have answered; Infinity waits as long as the connection stands
   */
  async connect(
    commandObject: AmfObject,
    args: readonly AmfValue[],
    swf: SwfIdentity | undefined,
    pings: Partial<PingTimes>,
    timeout: number,
  ): Promise<{ readonly properties: AmfObject; readonly info: AmfObject }> {
    this.peer.transition('connect')
    if (this.messages.destroyed) throw this.closedError
    if (swf !== undefined) this.#prepareSwf(swf)
    this.messages.send(setChunkSize(outgoingChunkSize))
    const connect = (id: number) => this.send(commandMessage(0, 'connect', id, commandObject, ...args))
    const result = await this.peer.calls.start('connect', connect, timeout)
    if (this.state === 'closed') throw this.closedError
    this.peer.transition('accept')
    this.messages.send(windowAcknowledgementSize(windowSize))
    const info = objectOf(result.args[0])
    if (commandObject['objectEncoding'] === 3 && info['objectEncoding'] === 3) this.peer.objectEncoding = 3
    const { pingInterval = 0, pingTimeout = 60_000 } = pings
    this.peer.watch(new DeadPeers({ pingInterval, pingTimeout }))
    return { properties: objectOf(result.commandObject), info }
  }

  send(message: RtmpMessage): void {
    this.peer.send(message)
  }

  /** Sends a command and waits for its answer. */
  async command(name: string, ...values: AmfValue[]): Promise<Command> {
    if (this.messages.destroyed) throw this.closedError
    return this.peer.calls.start(name, id => this.send(commandMessage(0, name, id, ...values)), this.callTimeout)
  }

  async createStream(): Promise<number> {
    const { args } = await this.command('createStream', null)
    const [id] = args
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) throw streamIdError(id)
    return id
  }

  /** Runs a NetStream until it has started. */
  async start(id: number, stream: ClientStream, start: () => Promise<void>): Promise<void> {
    // While the answer was on its way, the connection may have been closed or left, or the server may have given the
    // same id again.
    if (this.state === 'closed' || this.#isLeft) throw this.closedError
    if (this.streams.has(id)) throw streamIdError(id)
    this.streams.set(id, stream)
    try {
      await start()
    } catch (error) {
      // Its caller never gets it, so nobody could listen for its end.
      this.deleteStream(id)
      throw error
    }
  }

  /** deleteStream: the server forgets the NetStream. */
  deleteStream(id: number): void {
    if (this.streams.delete(id) && this.state === 'connected') {
      this.send(commandMessage(0, 'deleteStream', 0, null, id))
    }
  }

  /** The NetStreams move to another connection: those that have not started here never will. */
  leave(): void {
    this.#isLeft = true
    for (const stream of this.streams.values()) stream.leave()
    this.streams.clear()
  }

  /** Closes after what was sent has gone out. */
  async close(): Promise<void> {
    if (this.messages.closed) return
    const closed = new Promise<void>(resolve => this.messages.once('close', () => resolve()))
    this.messages.end()
    // The connection is destroyed if the server does not close it in turn.
    const timer = setTimeout(() => this.messages.destroy(), 1_000)
    await closed
    clearTimeout(timer)
  }

  handle(message: RtmpMessage): void | Promise<void> {
    switch (message.messageTypeId) {
      case MessageType.Audio:
      case MessageType.Video:
      case MessageType.DataAmf0:
        return this.#playerOf(message)?.take(message)
      case MessageType.DataAmf3: {
        const data = asAmf0Data(message)
        return data && this.#playerOf(data)?.take(data)
      }
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        return this.#handleCommand(parseCommand(message))
      case MessageType.UserControl:
        return this.#handleUserControl(message)
      case MessageType.Acknowledgement:
        return this.peer.link.measure(performance.now())
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3:
        return this.#events.sharedObject(message)
      default:
        return
    }
  }

  /**
   * The NetStream that plays the message. A message stream id that names no NetStream has one obvious owner where only
   * one NetStream plays; some servers send all media on id 0.
   */
  #playerOf({ messageStreamId }: RtmpMessage): ClientStream | undefined {
    const named = this.streams.get(messageStreamId)
    if (named !== undefined) return named
    const [only, ...others] = [...this.streams.values()].filter(stream => stream.plays)
    return others.length === 0 ? only : undefined
  }

  #handleCommand(command: Command): void | Promise<void> {
    if (command.name === '_result' || command.name === '_error') this.peer.calls.answer(command)
    else if (command.name === 'onStatus') return this.#handleStatus(command)
    else if (command.name === 'close') this.messages.end()
    else this.#events.command(this, command)
  }

  #handleStatus(command: Command): void | Promise<void> {
    const info = objectOf(command.args[0])
    const code = stringOf(info['code'])
    const isOfConnection = command.messageStreamId === 0 && code.startsWith('NetConnection.')
    // Some servers tell a stream's status on id 0: with a single stream there is no doubt which is meant.
    const [only, ...others] = this.streams.values()
    const target = this.streams.get(command.messageStreamId) ?? (others.length === 0 ? only : undefined)
    // It ends the connection, and is why what else waits for an answer gets none.
    if (isOfConnection && info['level'] === 'error') this.#failure ??= statusError(info)
    if (target !== undefined && (!isOfConnection || info['level'] === 'error')) {
      return target.takeStatus(info)
    }
    if (info['level'] === 'error') this.messages.destroy(statusError(info))
    else this.#events.status(this, info)
  }

  #handleUserControl(message: RtmpMessage): void {
    const control = takePing(this.peer, message)
    if (control === undefined) return
    if (control.type === 'SwfVerifyRequest') {
      if (this.#swfVerifyResponse !== undefined) this.messages.send(this.#swfVerifyResponse)
    } else if ('messageStreamId' in control) this.streams.get(control.messageStreamId)?.tell(control)
  }

  /** The answer depends on the handshake, which the message connection tells of if it has one. */
  #prepareSwf(swf: SwfIdentity): void {
    const prepare = ({ swfVerificationKey }: Pick<HandshakeStep, 'swfVerificationKey'>) => {
      if (swfVerificationKey !== undefined) this.#swfVerifyResponse = swfVerifyResponse(swfVerificationKey, swf)
    }
    const { swfVerificationKey } = this.messages
    // It is done already where the client has waited for it.
    if (swfVerificationKey !== undefined) prepare({ swfVerificationKey })
    else this.messages.once('handshake', prepare)
  }

  #closed(): void {
    this.peer.closed(() => this.closedError)
    this.#events.closed(this)
  }
}

function streamIdError(id: AmfValue): UsageError {
  return new UsageError(
    'RTMP_ERR_STREAM_ID',
    `the server made a stream with id ${typeof id === 'number' ? id : typeof id}`,
  )
}

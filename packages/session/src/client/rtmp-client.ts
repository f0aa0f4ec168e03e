import type { AmfObject, AmfValue } from '@rtmpipe/amf'
import {
  type HandshakeStep,
  MessageType,
  parseUserControl,
  type RtmpMessage,
  setChunkSize,
  type SwfIdentity,
  swfVerifyResponse,
  UsageError,
  userControl,
  windowAcknowledgementSize,
} from '@rtmpipe/chunk-stream'
import { type Command, commandMessage, parseCommand, objectOf, stringOf } from '../command.ts'
import { dispatch } from '../dispatch.ts'
import { StatusError } from '../errors.ts'
import type { MessageConnection } from '../message-connection.ts'
import type { ClientSharedObject, ClientSharedObjectOptions } from '../shared-object/client-shared-object.ts'
import { ClientSharedObjects } from '../shared-object/client-shared-objects.ts'
import {
  type NetConnectionEvent,
  type NetConnectionState,
  netConnectionTransitions,
  StateMachine,
} from '../transitions.ts'
import type { ClientStream } from './client-stream.ts'
import { PlayStream, type PlayOptions } from './play-stream.ts'
import { PublishStream, type PublishOptions } from './publish-stream.ts'

export interface RtmpClientOptions {
  /** Application. */
  readonly app: string
  /** URL of the server and application. */
  readonly tcUrl: string
  /** Further fields of connect's command object. */
  readonly properties?: AmfObject
  /** What to answer a server that asks for the SWF file; needs a handshake by digest. */
  readonly swf?: SwfIdentity
}

interface Transaction {
  resolve(command: Command): void
  reject(error: Error): void
}

const outgoingChunkSize = 60_000
const windowSize = 2_500_000

/** A NetConnection in the client's role (RTMP 1.0 §7.2.1). */
export class RtmpClient {
  readonly messages: MessageConnection
  readonly #state: StateMachine<NetConnectionState, NetConnectionEvent>
  readonly #transactions = new Map<number, Transaction>()
  readonly #streams = new Map<number, ClientStream>()
  readonly #sharedObjects: ClientSharedObjects
  #nextTransactionId = 1
  #failure: Error | undefined
  #swfVerifyResponse: RtmpMessage | undefined

  constructor(messages: MessageConnection) {
    this.messages = messages
    this.#sharedObjects = new ClientSharedObjects(message => messages.send(message))
    this.#state = new StateMachine<NetConnectionState, NetConnectionEvent>(netConnectionTransitions, 'opened')
    dispatch(messages, this, () => void messages.end())
    messages.on('error', error => {
      this.#failure ??= error
    })
    messages.once('close', () => this.#closed())
  }

  get state(): NetConnectionState {
    return this.#state.state
  }

  /**
   * NetConnection.connect. Resolves with the information object of the result.
   *
   * @throws StatusError when the server refuses
   */
  async connect(options: RtmpClientOptions): Promise<AmfObject> {
    this.#state.dispatch('connect')
    const { app, tcUrl, properties, swf } = options
    if (swf !== undefined) this.#prepareSwf(swf)
    this.messages.send(setChunkSize(outgoingChunkSize))
    const result = await this.#command(0, 'connect', {
      app,
      type: 'nonprivate',
      flashVer: 'FMLE/3.0 (compatible; rtmpipe)',
      tcUrl,
      ...properties,
    })
    if (this.state === 'closed') throw this.#failure ?? closedError()
    this.#state.dispatch('accept')
    this.messages.send(windowAcknowledgementSize(windowSize))
    return objectOf(result.args[0])
  }

  /** Publishes under a name, query included. @throws StatusError when the server refuses */
  async publish(streamName: string, options: PublishOptions = {}): Promise<PublishStream> {
    // Not in the specification, but some servers want them before createStream. Their answers don't matter.
    for (const name of ['releaseStream', 'FCPublish']) this.#command(0, name, null, streamName).catch(() => {})
    const id = await this.#createStream()
    const stream = new PublishStream(this, id, streamName)
    return this.#start(id, stream, () => stream.start(options))
  }

  /** Plays a name, query included. @throws StatusError when the server refuses */
  async play(streamName: string, options: PlayOptions = {}): Promise<PlayStream> {
    const id = await this.#createStream()
    const stream = new PlayStream(this, id, streamName, options)
    return this.#start(id, stream, () => stream.start())
  }

  /** Calls a method of the server's (RTMP 1.0 §7.2.1.2). @throws StatusError when it answers `_error` */
  async call(method: string, ...args: AmfValue[]): Promise<AmfValue> {
    const result = await this.#command(0, method, null, ...args)
    return result.args[0]
  }

  /**
   * Uses a shared object of the application (RTMP 1.0 §7.1.3). Resolves with its state.
   *
   * @throws StatusError when the server refuses, UsageError when this client uses it already
   */
  async sharedObject(name: string, options: ClientSharedObjectOptions = {}): Promise<ClientSharedObject> {
    if (this.messages.destroyed) throw this.#failure ?? closedError()
    return this.#sharedObjects.use(name, options)
  }

  /** Sends a command that wants no answer. */
  sendCommand(messageStreamId: number, name: string, ...values: AmfValue[]): void {
    this.messages.send(commandMessage(messageStreamId, name, 0, ...values))
  }

  /** deleteStream: the server forgets the NetStream. */
  deleteStream(id: number): void {
    if (this.#streams.delete(id) && this.state === 'connected') this.sendCommand(0, 'deleteStream', null, id)
  }

  /** Closes after what was sent has gone out. */
  async close(): Promise<void> {
    if (this.messages.closed) return
    const closed = new Promise<void>(resolve => this.messages.once('close', () => resolve()))
    this.messages.end()
    // A server that does not hang up in turn is left.
    const timer = setTimeout(() => this.messages.destroy(), 1_000)
    await closed
    clearTimeout(timer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  handle(message: RtmpMessage): void | Promise<void> {
    switch (message.messageTypeId) {
      case MessageType.Audio:
      case MessageType.Video:
      case MessageType.DataAmf0:
        return this.#streams.get(message.messageStreamId)?.take(message)
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        return this.#handleCommand(parseCommand(message))
      case MessageType.UserControl:
        return this.#handleUserControl(message)
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3:
        return this.#sharedObjects.take(message)
      default:
        return
    }
  }

  async #start<S extends { readonly control: ClientStream }>(
    id: number,
    stream: S,
    start: () => Promise<void>,
  ): Promise<S> {
    // The connection may have closed, or the server given the same id again, while the answer was on its way.
    if (this.state === 'closed') throw this.#failure ?? closedError()
    if (this.#streams.has(id)) throw streamIdError(id)
    this.#streams.set(id, stream.control)
    try {
      await start()
      return stream
    } catch (error) {
      // Nobody has it, so nobody could hear how it ends.
      this.deleteStream(id)
      throw error
    }
  }

  async #createStream(): Promise<number> {
    const { args } = await this.#command(0, 'createStream', null)
    const [id] = args
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) throw streamIdError(id)
    return id
  }

  #command(messageStreamId: number, name: string, ...values: AmfValue[]): Promise<Command> {
    if (this.messages.destroyed) return Promise.reject(this.#failure ?? closedError())
    const id = this.#nextTransactionId++
    this.messages.send(commandMessage(messageStreamId, name, id, ...values))
    return new Promise((resolve, reject) => this.#transactions.set(id, { resolve, reject }))
  }

  #handleCommand(command: Command): void | Promise<void> {
    if (command.name === '_result' || command.name === '_error') {
      const transaction = this.#transactions.get(command.transactionId)
      this.#transactions.delete(command.transactionId)
      if (command.name === '_result') transaction?.resolve(command)
      else transaction?.reject(statusError(objectOf(command.args[0])))
    } else if (command.name === 'onStatus') return this.#handleStatus(command)
    else if (command.name === 'close') this.messages.end()
    else if (command.transactionId !== 0) {
      const info = { level: 'error', code: 'NetConnection.Call.Failed', description: 'no such method' }
      this.messages.send(commandMessage(0, '_error', command.transactionId, null, info))
    }
  }

  #handleStatus(command: Command): void | Promise<void> {
    const info = objectOf(command.args[0])
    const stream = this.#streams.get(command.messageStreamId)
    // Some servers tell a stream's status on id 0: with a single stream there is no doubt which is meant.
    const [only, ...others] = this.#streams.values()
    const target = stream ?? (others.length === 0 ? only : undefined)
    if (target !== undefined)
      return target.status(stringOf(info['code']), stringOf(info['level']), stringOf(info['description']))
    if (info['level'] === 'error') this.messages.destroy(statusError(info))
  }

  #handleUserControl(message: RtmpMessage): void {
    const control = parseUserControl(message.payload)
    if (control?.type === 'PingRequest') {
      this.messages.send(userControl({ type: 'PingResponse', timestamp: control.timestamp }))
    } else if (control?.type === 'SwfVerifyRequest' && this.#swfVerifyResponse !== undefined) {
      this.messages.send(this.#swfVerifyResponse)
    }
  }

  /** The answer depends on the handshake, which the message connection tells of if it has one. */
  #prepareSwf(swf: SwfIdentity): void {
    this.messages.once('handshake', ({ swfVerificationKey }: HandshakeStep) => {
      if (swfVerificationKey !== undefined) this.#swfVerifyResponse = swfVerifyResponse(swfVerificationKey, swf)
    })
  }

  #closed(): void {
    const error = this.#failure ?? closedError()
    this.#state.dispatch('close')
    for (const { reject } of this.#transactions.values()) reject(error)
    this.#transactions.clear()
    for (const stream of this.#streams.values()) stream.closed(this.#failure)
    this.#streams.clear()
    this.#sharedObjects.close(error, this.#failure)
  }
}

function statusError(info: AmfObject): StatusError {
  return new StatusError(stringOf(info['code']) || 'NetConnection.Call.Failed', stringOf(info['description']))
}

function streamIdError(id: AmfValue): UsageError {
  return new UsageError(
    'RTMP_ERR_STREAM_ID',
    `the server made a stream with id ${typeof id === 'number' ? id : typeof id}`,
  )
}

function closedError(): Error {
  return new StatusError('NetConnection.Connect.Closed', 'the connection is closed')
}

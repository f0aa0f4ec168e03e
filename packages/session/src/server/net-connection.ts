import { MessageType, ProtocolError, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { AmfError, type AmfValue } from '@rtmpipe/amf'
import { CapsEx, type EnhancedCapabilities, hasCapsEx } from '@rtmpipe/flv'
import { Amf3Output, asAmf3Value, type ObjectEncoding } from '../protocol/amf3-messages.ts'
import { type Command, commandMessage, onStatus, parseCommand, statusMessage } from '../protocol/command.ts'
import { StatusError } from '../contract/errors.ts'
import type { Hooks } from '../hooks/hooks.ts'
import type { ConnectionInfo, ReconnectRequest } from '../contract/info.ts'
import type { LinkEstimate } from '../contract/link-estimate.ts'
import { Link } from '../peer/link.ts'
import type { Logger } from '../contract/logger.ts'
import type { MessageConnection } from '../contract/message-connection.ts'
import type { MessageOutput } from '../contract/message-output.ts'
import { PendingCalls } from '../peer/pending-calls.ts'
import { ConnectionSharedObjects } from './shared-objects/connection-shared-objects.ts'
import { type Status, status as makeStatus, type StatusCode } from '../protocol/status.ts'
import type { AppTarget } from '../protocol/stream-target.ts'
import {
  type NetConnectionEvent,
  type NetConnectionState,
  netConnectionTransitions,
  StateMachine,
} from '../protocol/transitions.ts'
import type { PeerAddress, TransportConnection } from '../contract/transport.ts'
import { commandHandler } from './commands/index.ts'
import type { ServerContext } from './context.ts'
import { EndSignal } from './end-signal.ts'
import { NetStream } from './net-stream.ts'
import { RateLimit } from '../peer/rate-limit.ts'
import { handleUserControl } from './user-control.ts'

/** Of everyone who has none: a map of its own takes half a kilobyte. */
const noNetStreams = new Map<number, NetStream>()

const nowhere: AppTarget = { app: '', instance: '', query: new URLSearchParams() }

/** What is known of a peer apart from its messages. */
export type Peer = Omit<TransportConnection, 'stream'>

/** One client's NetConnection in the server's role (RTMP 1.0 §7.2.1): its state, its NetStreams and its commands. */
export class NetConnection implements ConnectionInfo {
  readonly id: string
  readonly transport: string
  readonly secure: boolean
  readonly remote: PeerAddress
  readonly gathers: boolean
  readonly context: ServerContext
  /** Of the plugins that were there when it came. */
  readonly hooks: Hooks
  readonly messages: MessageConnection
  readonly link: Link
  readonly log: Logger
  target: AppTarget = nowhere
  tcUrl = ''
  flashVer = ''
  capabilities: EnhancedCapabilities = {}
  /** Calls of the client's that are being answered. */
  answering = 0
  #announced: Set<string> | undefined
  readonly #state: StateMachine<NetConnectionState, NetConnectionEvent>
  #netStreams = noNetStreams
  readonly #commands: RateLimit
  readonly #accepted: () => void
  readonly #end = new EndSignal()
  /** Until the client has said connect. */
  #connectTimer: NodeJS.Timeout | undefined
  #lingerTimer: NodeJS.Timeout | undefined
  #sharedObjects: ConnectionSharedObjects | undefined
  #calls: PendingCalls | undefined
  #objectEncoding: ObjectEncoding = 0
  #output: MessageOutput
  #nextNetStreamId = 1

  /** @param accepted called when `connect` has been accepted */
  constructor(
    id: string,
    messages: MessageConnection,
    peer: Peer,
    context: ServerContext,
    accepted: () => void = () => {},
  ) {
    this.id = id
    this.#accepted = accepted
    this.messages = messages
    this.#output = messages
    this.link = new Link(messages)
    this.context = context
    this.hooks = context.plugins.enter()
    this.transport = peer.transport
    this.secure = peer.secure
    this.remote = peer.remote
    this.gathers = peer.gathers ?? false
    this.log = context.log.child({
      connection: this.id,
      remote: `${peer.remote.address}:${peer.remote.port}`,
      transport: peer.transport,
    })
    this.#state = new StateMachine<NetConnectionState, NetConnectionEvent>(netConnectionTransitions, 'opened')
    this.#commands = new RateLimit(context.limits.maxCommandsPerMinute, 60_000, 'RTMP_ERR_COMMAND_RATE')
    const { handshakeTimeout, connectTimeout } = context.limits
    this.#connectTimer = setTimeout(() => {
      this.messages.destroy(
        new ProtocolError('command', 'RTMP_ERR_CONNECT_TIMEOUT', 'the client did not send connect in time'),
      )
    }, handshakeTimeout + connectTimeout)
  }

  /** Our calls to the client. */
  get calls(): PendingCalls {
    this.#calls ??= new PendingCalls(this.context.limits)
    return this.#calls
  }

  /** Names announced by FCPublish, whose sender waits for `onFCPublish`. */
  get announced(): Set<string> {
    this.#announced ??= new Set()
    return this.#announced
  }

  get app(): string {
    return this.target.app
  }

  get query(): URLSearchParams {
    return this.target.query
  }

  get objectEncoding(): ObjectEncoding {
    return this.#objectEncoding
  }

  /** From here on commands and data are sent in this encoding. */
  set objectEncoding(objectEncoding: ObjectEncoding) {
    this.#objectEncoding = objectEncoding
    this.#output = objectEncoding === 3 ? new Amf3Output(this.messages) : this.messages
  }

  /** Where everything but protocol control is sent. */
  get output(): MessageOutput {
    return this.#output
  }

  get signal(): AbortSignal {
    return this.#end.signal
  }

  get estimate(): LinkEstimate {
    return this.link.estimate
  }

  get bytesReceived(): number {
    return this.messages.bytesReceived
  }

  get bytesSent(): number {
    return this.messages.bytesSent
  }

  get state(): NetConnectionState {
    return this.#state.state
  }

  /** True from {@link NetConnection.end} on. */
  get isEnding(): boolean {
    return this.#lingerTimer !== undefined
  }

  get netStreams(): Iterable<NetStream> {
    return this.#netStreams.values()
  }

  /** Takes the next message; a promise asks to wait before the next one. */
  handle(message: RtmpMessage): void | Promise<void> {
    // Who has been refused or shown out has no more say, however long the last replies take.
    if (this.isEnding) return
    switch (message.messageTypeId) {
      case MessageType.Audio:
      case MessageType.Video:
        return this.#netStreams.get(message.messageStreamId)?.handleMedia(message)
      case MessageType.DataAmf0:
      case MessageType.DataAmf3:
        return this.#dataStream(message.messageStreamId)?.handleData(message)
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        return this.#handleCommand(message)
      case MessageType.UserControl:
        return handleUserControl(this, message)
      case MessageType.Acknowledgement:
        return this.link.measure(performance.now())
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3:
        this.#sharedObjects ??= new ConnectionSharedObjects(this)
        return this.#sharedObjects.handle(message)
      default:
        // Other protocol control is the chunk stream's business; unknown types are ignored (protocol.md §4).
        return
    }
  }

  transition(event: NetConnectionEvent): void {
    this.#state.dispatch(event)
    clearTimeout(this.#connectTimer)
    this.#connectTimer = undefined
    if (event !== 'accept') return
    this.context.deadPeers.add(this.link)
    this.#accepted()
  }

  /** Opens a NetStream, or nothing when the limit is reached. */
  createNetStream(): NetStream | undefined {
    if (this.#netStreams.size >= this.context.limits.maxNetStreams) return undefined
    if (this.#netStreams === noNetStreams) this.#netStreams = new Map()
    const stream = new NetStream(this, this.#nextNetStreamId)
    this.#netStreams.set(this.#nextNetStreamId, stream)
    this.#nextNetStreamId += 1
    return stream
  }

  netStream(messageStreamId: number): NetStream | undefined {
    return this.#netStreams.get(messageStreamId)
  }

  /** The NetStream that publishes or plays that name; some clients name it instead of giving its id. */
  netStreamByName(name: string): NetStream | undefined {
    const [path] = name.split(/[?#]/, 1)
    for (const stream of this.#netStreams.values()) if (stream.isNamed(path ?? '')) return stream
    return undefined
  }

  deleteNetStream(stream: NetStream): void {
    stream.delete()
    this.#netStreams.delete(stream.id)
  }

  ping(): void {
    if (this.state === 'connected') this.link.ping()
  }

  send(message: RtmpMessage): void {
    this.#output.send(message)
  }

  async call(method: string, ...args: AmfValue[]): Promise<AmfValue> {
    if (this.state !== 'connected' || this.isEnding) throw this.#gone
    const result = await this.calls.start(method, id =>
      this.send(commandMessage(0, method, id, null, ...this.encodable(args))),
    )
    return result.args[0]
  }

  /** Values for the client's encoding. */
  encodable(values: readonly AmfValue[]): readonly AmfValue[] {
    return this.objectEncoding === 3 ? values.map(asAmf3Value) : values
  }

  requestReconnect({ tcUrl, description = 'connect again' }: ReconnectRequest = {}): boolean {
    if (this.state !== 'connected' || this.isEnding || !hasCapsEx(this.capabilities, CapsEx.Reconnect)) return false
    const info = makeStatus('NetConnection.Connect.ReconnectRequest', description)
    this.send(statusMessage(0, info, tcUrl === undefined ? {} : { tcUrl }))
    return true
  }

  sendStatus(messageStreamId: number, code: StatusCode, description: string): void {
    this.send(onStatus(messageStreamId, code, description))
  }

  /** Ends the connection after what has been sent is on its way. */
  end(status?: Status): void {
    if (this.state === 'closed' || this.isEnding) return
    if (status !== undefined && this.state === 'connected') this.send(statusMessage(0, status))
    for (const stream of this.#netStreams.values()) stream.stop()
    this.#calls?.close(this.#gone)
    this.messages.end()
    this.#lingerTimer = setTimeout(() => this.messages.destroy(), this.context.limits.lingerTimeout)
  }

  /** To be called once when the message connection has closed. */
  closed(error?: Error): void {
    this.context.deadPeers.delete(this.link)
    clearTimeout(this.#connectTimer)
    clearTimeout(this.#lingerTimer)
    const wasConnected = this.state === 'connected'
    this.#state.dispatch('close')
    this.#end.abort()
    this.#calls?.close(error ?? this.#gone)
    for (const stream of this.#netStreams.values()) stream.delete(error)
    this.#netStreams.clear()
    this.#sharedObjects?.close()
    if (wasConnected) void this.hooks.notice('onDisconnect', { connection: this, ...(error && { error }) })
    this.context.plugins.leave(this.hooks)
  }

  get #gone(): StatusError {
    return new StatusError('NetConnection.Connect.Closed', 'the client is not connected')
  }

  /** Some publishers send metadata on id 0: it belongs to the only NetStream they have. */
  #dataStream(messageStreamId: number): NetStream | undefined {
    if (messageStreamId !== 0) return this.#netStreams.get(messageStreamId)
    const [only, ...others] = this.#netStreams.values()
    return others.length === 0 ? only : undefined
  }

  #handleCommand(message: RtmpMessage): void | Promise<void> {
    this.#commands.count()
    const command = this.#parse(message)
    if (this.state === 'opened' && command.name !== 'connect') {
      throw new ProtocolError('command', 'RTMP_ERR_COMMAND_ORDER', `${command.name} before connect`)
    }
    this.log.debug({ command: command.name, messageStreamId: command.messageStreamId }, 'command')
    return commandHandler(command.name)(this, command)
  }

  #parse(message: RtmpMessage): Command {
    try {
      return parseCommand(message)
    } catch (error) {
      if (!(error instanceof AmfError)) throw error
      throw new ProtocolError('command', 'RTMP_ERR_COMMAND', `unreadable command: ${error.message}`, { cause: error })
    }
  }
}

import { MessageType, ProtocolError, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { AmfError } from '@rtmpipe/amf'
import { type Command, onStatus, parseCommand, statusMessage } from '../command.ts'
import type { ConnectionInfo } from '../info.ts'
import type { Logger } from '../logger.ts'
import type { MessageConnection } from '../message-connection.ts'
import { ConnectionSharedObjects } from '../shared-object/connection-shared-objects.ts'
import type { Status, StatusCode } from '../status.ts'
import type { AppTarget } from '../stream-target.ts'
import {
  type NetConnectionEvent,
  type NetConnectionState,
  netConnectionTransitions,
  StateMachine,
} from '../transitions.ts'
import type { PeerAddress, TransportConnection } from '../transport.ts'
import { commandHandlers } from './commands/index.ts'
import type { ServerContext } from './context.ts'
import { EndSignal } from './end-signal.ts'
import { NetStream } from './net-stream.ts'
import { RateLimit } from './rate-limit.ts'
import { answerUserControl } from './user-control.ts'

const nowhere: AppTarget = { app: '', query: new URLSearchParams() }

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
  readonly messages: MessageConnection
  readonly log: Logger
  target: AppTarget = nowhere
  tcUrl = ''
  flashVer = ''
  /** Names announced by FCPublish, whose sender waits for `onFCPublish`. */
  readonly announced: Set<string> = new Set()
  readonly #state: StateMachine<NetConnectionState, NetConnectionEvent>
  readonly #netStreams = new Map<number, NetStream>()
  readonly #commands: RateLimit
  readonly #accepted: () => void
  readonly #end = new EndSignal()
  readonly #connectTimer: NodeJS.Timeout
  #lingerTimer: NodeJS.Timeout | undefined
  #sharedObjects: ConnectionSharedObjects | undefined
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
    this.context = context
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

  get app(): string {
    return this.target.app
  }

  get signal(): AbortSignal {
    return this.#end.signal
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
        return answerUserControl(this, message)
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3:
        this.#sharedObjects ??= new ConnectionSharedObjects(this)
        return this.#sharedObjects.handle(message)
      default:
        // Protocol control is the chunk stream's business; unknown types are ignored (protocol.md §4).
        return
    }
  }

  transition(event: NetConnectionEvent): void {
    this.#state.dispatch(event)
    clearTimeout(this.#connectTimer)
    if (event === 'accept') this.#accepted()
  }

  /** Opens a NetStream, or nothing when the limit is reached. */
  createNetStream(): NetStream | undefined {
    if (this.#netStreams.size >= this.context.limits.maxNetStreams) return undefined
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
    for (const stream of this.#netStreams.values()) if (stream.streamName === name) return stream
    return undefined
  }

  deleteNetStream(stream: NetStream): void {
    stream.delete()
    this.#netStreams.delete(stream.id)
  }

  send(message: RtmpMessage): void {
    this.messages.send(message)
  }

  sendStatus(messageStreamId: number, code: StatusCode, description: string): void {
    this.send(onStatus(messageStreamId, code, description))
  }

  /** Ends the connection after what has been sent is on its way. */
  end(status?: Status): void {
    if (this.state === 'closed' || this.isEnding) return
    if (status !== undefined && this.state === 'connected') this.send(statusMessage(0, status))
    for (const stream of this.#netStreams.values()) stream.stop()
    this.messages.end()
    this.#lingerTimer = setTimeout(() => this.messages.destroy(), this.context.limits.lingerTimeout)
  }

  /** To be called once when the message connection has closed. */
  closed(error?: Error): void {
    clearTimeout(this.#connectTimer)
    clearTimeout(this.#lingerTimer)
    const wasConnected = this.state === 'connected'
    this.#state.dispatch('close')
    this.#end.abort()
    for (const stream of this.#netStreams.values()) stream.delete(error)
    this.#netStreams.clear()
    this.#sharedObjects?.close()
    if (wasConnected) void this.context.hooks.notice('onDisconnect', { connection: this, ...(error && { error }) })
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
    const handler = Object.hasOwn(commandHandlers, command.name) ? commandHandlers[command.name] : undefined
    return (handler ?? commandHandlers['call'])?.(this, command)
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

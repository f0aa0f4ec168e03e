import type { AmfValue } from '@rtmpipe/amf'
import { type LimitError, ProtocolError, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { CapsEx, type EnhancedCapabilities, hasCapsEx } from '@rtmpipe/flv'
import { StatusError } from '../contract/errors.ts'
import type { Command } from '../protocol/command.ts'
import type { ConnectionInfo, ReconnectRequest } from '../contract/connection-info.ts'
import { Context } from '../contract/context.ts'
import type { LinkEstimate } from '../contract/link-estimate.ts'
import type { Logger } from '../contract/logger.ts'
import type { MessageConnection, MessageOutput } from '../contract/message-connection.ts'
import { PRINCIPAL, type Principal } from '../contract/principal.ts'
import type { PeerAddress, PeerInfo, PeerRequest, TransportConnection } from '../contract/transport.ts'
import type { Hooks } from '../hooks/hooks.ts'
import { Peer } from '../peer/peer.ts'
import type { ObjectEncoding } from '../protocol/amf3-messages.ts'
import { commandMessage, onStatus, statusMessage } from '../protocol/command.ts'
import { type Status, status as makeStatus, type StatusCode } from '../protocol/status.ts'
import { windowSize } from '../protocol/sizes.ts'
import type { AppTarget } from '../protocol/stream-target.ts'
import type { NetConnectionEvent, NetConnectionState } from '../protocol/transitions.ts'
import { acknowledgedWindow } from './acknowledged-window.ts'
import type { ServerContext } from './context.ts'
import { EndSignal } from './end-signal.ts'
import { NetStream } from './net-stream.ts'

/** Shared empty map: most connections have no NetStream yet, and a Map takes 0.5 KB. */
const noNetStreams = new Map<number, NetStream>()

const nowhere: AppTarget = { app: '', instance: '', query: new URLSearchParams() }

/**
 * One client's NetConnection in the server's role (RTMP 1.0 §7.2.1): what the server knows of the client, and its
 * NetStreams.
 */
export class NetConnection implements ConnectionInfo {
  readonly id: string
  readonly transport: string
  readonly secure: boolean
  readonly remote: PeerAddress
  readonly peerId: string | undefined
  readonly nearId: string | undefined
  readonly gathers: boolean
  readonly seemsGone: (() => boolean) | undefined
  /** Window of acknowledgements that the client is told, in bytes. */
  readonly window: number
  readonly server: ServerContext
  /** Hooks of the plugins that were in use when the client came. */
  readonly hooks: Hooks
  readonly peer: Peer
  readonly log: Logger
  target: AppTarget = nowhere
  /** Where other clients can reach it, beside where it is seen; undefined before it has said that they can (setPeerInfo). */
  reported: readonly PeerAddress[] | undefined
  tcUrl = ''
  flashVer = ''
  capabilities: EnhancedCapabilities = {}
  #netStreams = noNetStreams
  /** Made when a plugin asks for it. */
  #context: Context | undefined
  readonly #accepted: () => void
  readonly #end = new EndSignal()
  /** Runs until the client has sent `connect`. */
  #connectTimer: NodeJS.Timeout | undefined
  #lingerTimer: NodeJS.Timeout | undefined
  #nextNetStreamId = 1
  #plays = 0
  /** What the client was told when its connection was ended. */
  #endedBy: Status | undefined
  #failure: LimitError | undefined
  readonly #since = Date.now()
  /** Private, so that nothing that writes out an object finds its secrets. */
  readonly #request: PeerRequest | undefined
  /** Publishes that have been stopped, and whose Transforms still give out what they hold. */
  #endings: Set<Promise<void>> | undefined

  /** @param accepted called when `connect` has been accepted */
  constructor(
    id: string,
    messages: MessageConnection,
    info: PeerInfo & Pick<TransportConnection, 'seemsGone' | 'paces'>,
    server: ServerContext,
    accepted: () => void = () => {},
  ) {
    this.id = id
    this.#accepted = accepted
    this.peer = new Peer(messages, server.limits)
    this.server = server
    this.hooks = server.plugins.enter()
    this.transport = info.transport
    this.secure = info.secure
    this.remote = info.remote
    this.peerId = info.peerId
    this.nearId = info.nearId
    this.#request = info.request
    this.gathers = info.gathers ?? false
    this.seemsGone = info.seemsGone
    this.window = info.paces === false ? acknowledgedWindow(server.limits) : windowSize
    this.log = server.log.child({
      connection: this.id,
      remote: `${info.remote.address}:${info.remote.port}`,
      transport: info.transport,
    })
    if (info.peerId !== undefined) this.log.debug({ peerId: info.peerId, nearId: info.nearId }, 'fingerprints')
    const { handshakeTimeout, connectTimeout } = server.limits
    this.#connectTimer = setTimeout(() => {
      messages.destroy(
        new ProtocolError('command', 'RTMP_ERR_CONNECT_TIMEOUT', 'the client did not send connect in time'),
      )
    }, handshakeTimeout + connectTimeout)
  }

  get messages(): MessageConnection {
    return this.peer.messages
  }

  get request(): PeerRequest | undefined {
    return this.#request
  }

  get since(): Date {
    return new Date(this.#since)
  }

  get app(): string {
    return this.target.app
  }

  get query(): URLSearchParams {
    return this.target.query
  }

  get context(): Context {
    this.#context ??= new Context()
    return this.#context
  }

  get principal(): Principal | undefined {
    return this.#context?.get(PRINCIPAL)
  }

  get objectEncoding(): ObjectEncoding {
    return this.peer.objectEncoding
  }

  /** The output for all messages except protocol control. */
  get output(): MessageOutput {
    return this.peer.output
  }

  get signal(): AbortSignal {
    return this.#end.signal
  }

  get estimate(): LinkEstimate {
    return this.peer.link.estimate
  }

  get bytesReceived(): number {
    return this.messages.bytesReceived
  }

  get bytesSent(): number {
    return this.messages.bytesSent
  }

  get state(): NetConnectionState {
    return this.peer.state
  }

  /** True from {@link NetConnection.end} or {@link NetConnection.fail} on. */
  get isEnding(): boolean {
    return this.#lingerTimer !== undefined || this.#failure !== undefined
  }

  /** The limit that its client was told to have crossed, which ends it. */
  get failure(): LimitError | undefined {
    return this.#failure
  }

  /** Why the connection is over, for the log; '' as long as it is not. */
  get goodbye(): string {
    if (this.#endedBy !== undefined) return this.#endedBy.description
    return this.messages.readableEnded || this.messages.destroyed ? 'the client has left' : ''
  }

  /** Does what a command of the client would do; set by who receives its commands. */
  obey: (command: Command) => void | Promise<void> = () => {}

  get netStreams(): Iterable<NetStream> {
    return this.#netStreams.values()
  }

  transition(event: NetConnectionEvent): void {
    this.peer.transition(event)
    clearTimeout(this.#connectTimer)
    this.#connectTimer = undefined
    if (event !== 'accept') return
    this.peer.watch(this.server.deadPeers)
    this.#accepted()
  }

  /** Opens a NetStream, or nothing when the limit is reached. */
  createNetStream(): NetStream | undefined {
    if (this.#netStreams.size >= this.server.limits.maxNetStreams) return undefined
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
    const asked = (path ?? '').trim()
    // A query alone is a name.
    for (const stream of this.#netStreams.values()) if (stream.isNamed(asked || name.trim())) return stream
    return undefined
  }

  /** Numbers its plays, from 1. */
  nextPlay(): number {
    this.#plays += 1
    return this.#plays
  }

  deleteNetStream(stream: NetStream): void {
    stream.delete()
    this.#netStreams.delete(stream.id)
  }

  ping(): void {
    if (this.state === 'connected') this.peer.link.ping()
  }

  send(message: RtmpMessage): void {
    this.peer.send(message)
  }

  async call(method: string, ...args: AmfValue[]): Promise<AmfValue> {
    if (this.state !== 'connected' || this.isEnding) throw gone()
    const values = this.peer.encodable(args)
    const result = await this.peer.calls.start(method, id => this.send(commandMessage(0, method, id, null, ...values)))
    return result.args[0]
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
    if (this.state === 'closed' || this.#lingerTimer !== undefined) return
    this.#endedBy = status
    if (status !== undefined && this.state === 'connected') this.send(statusMessage(0, status))
    for (const stream of this.#netStreams.values()) stream.stop(this.#failure)
    this.peer.endCalls(gone)
    this.messages.end()
    this.#lingerTimer = setTimeout(() => this.messages.destroy(), this.server.limits.lingerTimeout)
  }

  /**
   * Ends the connection of a client that has crossed a limit, and tells it so. In a turn of its own: calls that came before are
   * being answered.
   *
   * @param description for the client
   */
  fail(error: LimitError, description: string): void {
    if (this.state === 'closed' || this.isEnding) return
    this.#failure = error
    this.log.warn({ code: error.code }, error.message)
    setImmediate(() => this.end(makeStatus('NetConnection.Connect.Rejected', description)))
  }

  /** Plugins are not told that the client has gone before this has resolved; it must not reject. */
  endsAfter(ending: Promise<void>): void {
    this.#endings ??= new Set()
    const endings = this.#endings.add(ending)
    void ending.then(() => endings.delete(ending))
  }

  /**
   * To be called once when the message connection has closed.
   *
   * @returns a promise if something of it has still to end, for `hookTimeout` at most
   */
  closed(error?: Error): void | Promise<void> {
    clearTimeout(this.#connectTimer)
    clearTimeout(this.#lingerTimer)
    const wasConnected = this.state === 'connected'
    this.peer.closed(() => error ?? gone())
    this.#end.abort()
    for (const stream of this.#netStreams.values()) stream.delete(error)
    this.#netStreams.clear()
    const left = () => {
      if (wasConnected) void this.hooks.notice('onDisconnect', { connection: this, ...(error && { error }) })
      this.server.plugins.leave(this.hooks)
    }
    if (!this.#endings?.size) return left()
    return Promise.all(this.#endings).then(left)
  }
}

function gone(): StatusError {
  return new StatusError('NetConnection.Connect.Closed', 'the client is not connected')
}

import { ClientPeers } from '#client-peers'
import type { AmfObject, AmfValue } from '@rtmpipe/amf'
import { type SwfIdentity, UsageError } from '@rtmpipe/chunk-stream'
import { CapsEx, type EnhancedCapabilities, formatEnhancedCapabilities, parseEnhancedCapabilities } from '@rtmpipe/flv'
import { EventEmitter } from 'node:events'
import type { ObjectEncoding } from '../protocol/amf3-messages.ts'
import { type Command, commandMessage, stringOf } from '../protocol/command.ts'
import { forwardedCapabilities } from '../protocol/forwarded-capabilities.ts'
import type { ReconnectRequest } from '../contract/connection-info.ts'
import type { PingTimes } from '../peer/dead-peers.ts'
import type { LinkEstimate } from '../contract/link-estimate.ts'
import type { MessageConnection, MessageOutput } from '../contract/message-connection.ts'
import type { PeerServer } from '../contract/peer-server.ts'
import type { Awaitable } from '../contract/plugin.ts'
import type { ClientSharedObject, ClientSharedObjectOptions } from './client-shared-object.ts'
import { ClientSharedObjects } from './client-shared-objects.ts'
import { status } from '../protocol/status.ts'
import type { NetConnectionState } from '../protocol/transitions.ts'
import { ClientCalls } from './client-calls.ts'
import { ClientConnection } from './client-connection.ts'
import type { ConnectAttempt } from '../contract/connect-attempt.ts'
import { connectedBy } from './fallback/attempts-text.ts'
import { PlayStream, type PlayOptions } from './play-stream.ts'
import { PublishStream, type PublishOptions } from './publish-stream.ts'
import { reconnectUrl } from './reconnect-url.ts'
import { optionsFor, redirectOf } from './redirect.ts'
import { Reconnects } from './reconnects.ts'
import { parseAppUrl } from './stream-url.ts'
import { withLogin, withQuery } from './with-login.ts'

/**
 * Options of {@link RtmpClient.connect}. By default the server is never pinged, since not all servers answer.
 * `pingTimeout` is 60,000 if only `pingInterval` is given.
 */
export interface RtmpClientOptions extends Partial<PingTimes> {
  /** Application. */
  readonly app: string
  /** URL of the server and application. */
  readonly tcUrl: string
  /** Further fields of connect's command object. */
  readonly properties?: AmfObject
  /** Values after connect's command object. */
  readonly args?: readonly AmfValue[]
  /** How commands and data are to be written; 3 only counts when the server agrees. Default 0. */
  readonly objectEncoding?: ObjectEncoding
  /**
   * What to tell the server about Enhanced RTMP. Default: all codecs are forwarded, and reconnect requests are obeyed
   * if there is `reconnect`.
   */
  readonly capabilities?: EnhancedCapabilities
  /**
   * Answers a method call by the server: the value is sent as `_result`; `undefined`, or an error thrown, as `_error`.
   * Default: every call is answered with `_error`.
   */
  readonly onCall?: (method: string, args: readonly AmfValue[]) => Awaitable<AmfValue>
  /**
   * Milliseconds that the server may take to answer a command: a call, `publish`, `play`, a wish for another position or
   * a pause, the use of a shared object. Default 30,000.
   */
  readonly callTimeout?: number
  /**
   * Dials a `tcUrl` when the server asks to connect again. Without it the request is an event and nothing else. The signal
   * is aborted when the client closes before it has moved there: nobody wants that connection any more.
   */
  reconnect?(tcUrl: string, signal: AbortSignal): Promise<MessageConnection>
  /**
   * Dials where a server sends us that refuses the only publish or play (`ex.redirect` in the info object of its refusal).
   * Another host or port is told neither `properties` nor `args`, and is given no `login`. Without it such a refusal is an
   * error like others. The signal is that of `reconnect`.
   */
  redirect?(tcUrl: string, signal: AbortSignal): Promise<MessageConnection>
  /**
   * Answers a server that another one sent us to, and that refused `connect` because it wants a login: returns a query
   * to add to `app` and `tcUrl` in the next attempt, of which there are at most two; or undefined for no answer.
   * Default: no answer.
   */
  login?(tcUrl: string, refusal: unknown): Awaitable<string | undefined>
  /** What to answer a server that asks for the SWF file; needs a handshake by digest. */
  readonly swf?: SwfIdentity
  /**
   * Makes what serves peers when something is published to them. Default: nothing can be; `connect` of `@rtmpipe/session` gives
   * its own.
   */
  readonly peerServer?: () => PeerServer
}

/** Events of an {@link RtmpClient}. */
export interface RtmpClientEvents {
  /** The server asks to connect again, whether the client does it or not. */
  reconnectRequest: [request: ReconnectRequest]
  /** The client has connected again: everything goes on over a new connection to that `tcUrl`. */
  reconnect: [tcUrl: string]
  /**
   * The client has not connected again: another scheme, more than 3 requests within a minute, or no server that answers
   * within 15 s and stays. The present connection stays as long as it can.
   */
  reconnectFailed: [error: Error]
}

/** Milliseconds that a server we were sent to may take to answer `connect`. */
const arrivalTimeout = 15_000

/** A NetConnection in the client's role (RTMP 1.0 §7.2.1). */
export class RtmpClient extends EventEmitter<RtmpClientEvents> {
  readonly #sharedObjects: ClientSharedObjects
  readonly #playing = new Set<PlayStream>()
  readonly #publishing = new Set<PublishStream>()
  readonly #reconnects = new Reconnects()
  readonly #calls = new ClientCalls()
  #connection: ClientConnection
  /** Of the present connection, once somebody has asked for peers. */
  #peers: ClientPeers | undefined
  #options: RtmpClientOptions | undefined
  #serverCapabilities: EnhancedCapabilities = {}

  constructor(messages: MessageConnection) {
    super()
    this.#connection = this.#clientConnection(messages)
    this.#sharedObjects = new ClientSharedObjects(message => this.messages.send(message))
  }

  /** The message connection; another one after a reconnect. */
  get messages(): MessageConnection {
    return this.#connection.messages
  }

  /** Where commands and what is published are sent: {@link RtmpClient.messages} in the encoding agreed on. */
  get output(): MessageOutput {
    return this.#connection.output
  }

  /**
   * How the client came to its server: what was tried, in order, and why each but one has failed. After a reconnect it
   * tells of that one. Empty for a client that was given a connection.
   */
  get attempts(): readonly ConnectAttempt[] {
    return this.messages.attempts ?? []
  }

  /** Scheme by which the server was reached, like `rtmpts`; with `fallback` it may be another one than the URL's. */
  get transport(): string | undefined {
    return connectedBy(this.attempts)?.url.split(':', 1)[0]
  }

  /** The server's fingerprint, 64 hex digits; undefined where the transport has none (all but RTMFP). */
  get peerId(): string | undefined {
    return this.messages.dialled?.peerId
  }

  /** Our fingerprint, by which other clients of the server can ask for us; another one after a reconnect. */
  get nearId(): string | undefined {
    return this.messages.dialled?.nearId
  }

  /** Where the connection stands. */
  get state(): NetConnectionState {
    return this.#connection.state
  }

  /** What the server has agreed to. */
  get objectEncoding(): ObjectEncoding {
    return this.#connection.peer.objectEncoding
  }

  /** What the server says it knows of Enhanced RTMP; empty for most. */
  get serverCapabilities(): EnhancedCapabilities {
    return this.#serverCapabilities
  }

  /** Round trip and rates, worked out when asked for. */
  get estimate(): LinkEstimate {
    return this.#connection.peer.link.estimate
  }

  /** Asks the server for a sign of life; the answer makes `estimate.roundTrip` better. Not all servers answer. */
  ping(): void {
    this.#connection.peer.link.ping()
  }

  /**
   * NetConnection.connect. Resolves with the information object of the result.
   *
   * @param login a query that goes behind `app` and `tcUrl`, and nowhere else that the server may send us
   * @param timeout milliseconds until the server must have answered; default `callTimeout`, and Infinity waits as long
   *   as the connection stands
   * @throws StatusError when the server refuses, LimitError `RTMP_ERR_CALL_TIMEOUT`
   */
  connect(options: RtmpClientOptions, login?: string, timeout?: number): Promise<AmfObject> {
    this.#options ??= options
    return this.#connect(this.#connection, options, timeout, login)
  }

  /**
   * Publishes under a name, query included; with `to: 'peers'`, directly to other clients of the server.
   *
   * @throws StatusError when the server refuses, LimitError `RTMP_ERR_CALL_TIMEOUT` when it does not answer in time; to
   *   peers: UsageError `RTMP_ERR_PEERS` where the transport has none, StatusError `NetStream.Publish.BadName` for a name that
   *   this client publishes to them already
   */
  async publish(streamName: string, options: PublishOptions = {}): Promise<PublishStream> {
    const { to = 'server' } = options
    if (to !== 'server' && to !== 'peers')
      throw new UsageError('RTMP_ERR_USAGE', `publish: to should be server or peers, and is ${String(to)}`)
    if (to === 'peers') return this.#peersFor('publish').publish(streamName, options)
    return this.#start(new PublishStream(streamName, options), this.#publishing)
  }

  /**
   * Plays a name, query included; with `peer`, directly from another client of the server.
   *
   * @throws StatusError when the server refuses, LimitError `RTMP_ERR_CALL_TIMEOUT` when it does not answer in time; with
   *   `peer`: UsageError `RTMP_ERR_PEERS` where the transport has no peers, `RTMP_ERR_PEER_ID`, an error of the transport
   *   (`RTMP_ERR_PEER_UNKNOWN`, `RTMP_ERR_PEER_UNREACHABLE`) when it is not reached, StatusError when the peer refuses
   *   (`NetStream.Play.StreamNotFound`, or `NetStream.Play.Failed` where too many play already)
   */
  async play(streamName: string, options: PlayOptions = {}): Promise<PlayStream> {
    if (options.peer !== undefined) return this.#peersFor('play').play(streamName, options.peer, options)
    return this.#start(new PlayStream(streamName, options), this.#playing)
  }

  /**
   * Calls a method of the server's (RTMP 1.0 §7.2.1.2).
   *
   * @throws StatusError when it answers `_error`, LimitError `RTMP_ERR_CALL_TIMEOUT` when it does not answer in time,
   *   UsageError `RTMP_ERR_PENDING_CALLS` beyond 1,000 that wait
   */
  async call(method: string, ...args: AmfValue[]): Promise<AmfValue> {
    const result = await this.#connection.command(method, null, ...this.#connection.peer.encodable(args))
    return result.args[0]
  }

  /**
   * Uses a shared object of the application (RTMP 1.0 §7.1.3). Resolves with its state.
   *
   * @throws StatusError when the server refuses, LimitError `RTMP_ERR_CALL_TIMEOUT` when it does not answer in time,
   *   UsageError when this client uses it already
   */
  async sharedObject(name: string, options: ClientSharedObjectOptions = {}): Promise<ClientSharedObject> {
    if (this.messages.destroyed) throw this.#connection.closedError
    return this.#sharedObjects.use(name, options, this.#connection.callTimeout)
  }

  /** Sends a command that wants no answer. */
  sendCommand(messageStreamId: number, name: string, ...values: AmfValue[]): void {
    this.#connection.send(commandMessage(messageStreamId, name, 0, ...values))
  }

  /** Closes after what was sent has gone out. */
  async close(): Promise<void> {
    this.#reconnects.stop(this.#connection.closedError)
    await this.#peers?.close()
    await this.#connection.close()
    // The connection may have closed already, while we were leaving it.
    this.#closed(this.#connection)
  }

  /** Closes the client, see {@link RtmpClient.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #clientConnection(messages: MessageConnection): ClientConnection {
    return new ClientConnection(messages, {
      sharedObject: message => this.#sharedObjects.take(message),
      command: (connection, command) => this.#handleCommand(connection, command),
      status: (connection, info) => this.#handleStatus(connection, info),
      closed: connection => this.#closed(connection),
    })
  }

  /** @throws UsageError `RTMP_ERR_PEERS`, and why there is no connection */
  #peersFor(what: string): ClientPeers {
    const connection = this.#connection
    const network = connection.messages.dialled?.peers
    if (network === undefined)
      throw new UsageError('RTMP_ERR_PEERS', `${what}: only clients that came over RTMFP (rtmfp://) have peers`)
    if (connection.state !== 'connected' || connection.messages.destroyed) throw connection.closedError
    if (this.#peers?.connection !== connection)
      this.#peers = new ClientPeers(connection, network, this.#options?.peerServer)
    return this.#peers
  }

  /** Runs on the present connection, and again on the next one if we leave the present one first. */
  async #start<Stream extends PublishStream | PlayStream>(stream: Stream, started: Set<Stream>): Promise<Stream> {
    const connection = this.#connection
    try {
      await stream.startOn(connection)
    } catch (error) {
      if (connection === this.#connection && !(await this.#follow(error))) throw error
    }
    if (connection !== this.#connection) return this.#start(stream, started)
    if (stream.destroyed) return stream
    started.add(stream)
    stream.once('close', () => started.delete(stream))
    return stream
  }

  /** Goes where the refusal of what was to be the only stream sends us. False if it does not. */
  async #follow(refusal: unknown): Promise<boolean> {
    const before = this.#options
    const to = before?.redirect && redirectOf(refusal, before.tcUrl)
    if (before === undefined || to === undefined || this.#playing.size + this.#publishing.size > 0) return false
    const { app, tcUrl } = to
    const options = { ...optionsFor(to, before.tcUrl, before), app, tcUrl }
    const connection = this.#connection
    try {
      await this.#reconnects.run(signal => this.#move(options, options.redirect, signal))
    } catch (error) {
      if (this.#connection.state === 'closed') this.#closed(this.#connection)
      throw error
    }
    return connection !== this.#connection
  }

  async #connect(
    connection: ClientConnection,
    options: RtmpClientOptions,
    timeout?: number,
    login?: string,
  ): Promise<AmfObject> {
    const { app, tcUrl, properties, args = [], objectEncoding, swf, callTimeout } = options
    if (callTimeout !== undefined) connection.callTimeout = callTimeout
    const commandObject = {
      app: withQuery(app, login),
      type: 'nonprivate',
      flashVer: 'FMLE/3.0 (compatible; rtmpipe)',
      tcUrl: withQuery(tcUrl, login),
      ...(objectEncoding !== undefined && { objectEncoding }),
      ...formatEnhancedCapabilities(capabilitiesOf(options)),
      ...properties,
    }
    const { properties: answered, info } = await connection.connect(
      commandObject,
      args,
      swf,
      options,
      timeout ?? connection.callTimeout,
    )
    // The specification does not say where the fields stand.
    this.#serverCapabilities = { ...parseEnhancedCapabilities(answered), ...parseEnhancedCapabilities(info) }
    return info
  }

  #handleCommand(connection: ClientConnection, command: Command): void {
    this.#calls.answer(connection.peer, command, (method, args) => this.#options?.onCall?.(method, args))
  }

  #handleStatus(connection: ClientConnection, info: AmfObject): void {
    if (info['code'] !== status('NetConnection.Connect.ReconnectRequest', '').code) return
    if (connection !== this.#connection || connection.state !== 'connected') return
    const [tcUrl, description] = [stringOf(info['tcUrl']), stringOf(info['description'])]
    this.emit('reconnectRequest', { ...(tcUrl !== '' && { tcUrl }), description })
    const { reconnect } = this.#options ?? {}
    if (reconnect === undefined) return
    void this.#reconnects
      .run(async signal => this.#reconnect(this.#options as RtmpClientOptions, tcUrl, signal))
      .catch((error: Error) => {
        if (this.#reconnects.isStopped) return
        this.emit('reconnectFailed', error)
        if (this.#connection.state === 'closed') this.#closed(this.#connection)
      })
  }

  /** Opens the new connection first; then the streams leave the old one at a keyframe and go on. */
  async #reconnect(before: RtmpClientOptions, wanted: string, signal: AbortSignal): Promise<void> {
    const tcUrl = reconnectUrl(before.tcUrl, wanted)
    const options = wanted === '' ? before : { ...before, tcUrl, app: parseAppUrl(tcUrl).app }
    await this.#move(options, options.reconnect, signal)
  }

  async #move(options: RtmpClientOptions, dial: RtmpClientOptions['reconnect'], signal: AbortSignal): Promise<void> {
    const previous = this.#connection
    let next: ClientConnection | undefined
    previous.isBeingLeft = true
    try {
      next = await this.#arrive(options, dial, signal)
      await Promise.all([...this.#publishing].map(stream => stream.pauseAtKeyframe()))
      if (next.messages.destroyed) throw next.closedError
    } catch (error) {
      next?.messages.destroy()
      previous.isBeingLeft = false
      for (const stream of this.#publishing) stream.goOn()
      for (const stream of this.#playing) stream.stay()
      throw error
    }
    this.#options = options
    this.#connection = next
    this.#reconnects.moved()
    const streams = [...this.#publishing, ...this.#playing]
    for (const stream of streams) stream.leave()
    previous.leave()
    await previous.close()
    this.#sharedObjects.again()
    await Promise.all(streams.map(stream => stream.startAgainOn(next)))
    if (next.messages.destroyed) throw next.closedError
    this.emit('reconnect', options.tcUrl)
  }

  #arrive(
    options: RtmpClientOptions,
    dial: RtmpClientOptions['reconnect'],
    signal: AbortSignal,
  ): Promise<ClientConnection> {
    const { tcUrl } = options
    return withLogin(
      async login => {
        const next = this.#clientConnection((await dial?.(tcUrl, signal)) as MessageConnection)
        this.#reconnects.arriveAt(next.messages)
        try {
          await this.#connect(next, options, arrivalTimeout, login)
          return next
        } catch (error) {
          next.messages.destroy()
          throw error
        }
      },
      refusal => options.login?.(tcUrl, refusal),
    )
  }

  #closed(connection: ClientConnection): void {
    // Until we have moved, streams that will move do not end with the old connection.
    if (connection !== this.#connection || this.#reconnects.isLeaving) return
    const { failure, closedError } = connection
    for (const stream of connection.streams.values()) stream.closed(failure)
    connection.streams.clear()
    this.#sharedObjects.close(closedError, failure)
  }
}

function capabilitiesOf({ capabilities, reconnect }: RtmpClientOptions): EnhancedCapabilities {
  if (capabilities !== undefined) return capabilities
  const { capsEx = 0, ...others } = forwardedCapabilities
  return { ...others, capsEx: reconnect === undefined ? capsEx & ~CapsEx.Reconnect : capsEx }
}

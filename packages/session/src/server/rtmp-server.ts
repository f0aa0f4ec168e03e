import {
  checkSwfIdentity,
  ChunkConnection,
  type ChunkConnectionOptions,
  type ChunkLimits,
  defaultChunkLimits,
  ServerHandshake,
  type SwfIdentity,
  UsageError,
  WrongProtocolError,
} from '@rtmpipe/chunk-stream'
import { Seldom, wrongPortSentence } from '@rtmpipe/net'
import type { Duplex, Writable } from 'node:stream'
import type { Abilities } from '../contract/abilities.ts'
import type { ConnectionInfo, ReconnectRequest } from '../contract/connection-info.ts'
import type { PlayInfo } from '../contract/info.ts'
import type { ServerView } from '../contract/server-view.ts'
import type { DroppedMessages, Traffic } from '../contract/traffic.ts'
import { dispatch } from '../peer/dispatch.ts'
import { checkOptions } from '../contract/check-options.ts'
import { withLimits } from '../contract/with-limits.ts'
import { defaultSessionLimits, type SessionLimits } from '../contract/limits.ts'
import { DeadPeers } from '../peer/dead-peers.ts'
import type { LiveStreamOptions } from '../live/live-stream.ts'
import { DropCounts } from '../live/lag/drop-counts.ts'
import { LiveStreams } from '../live/live-streams.ts'
import { SharedSources } from '../live/shared-sources.ts'
import type { WhenSlow } from '../contract/slow-consumer.ts'
import { type Logger, silentLogger } from '../contract/logger.ts'
import { StatusError } from '../contract/errors.ts'
import type { InProcessPeer, InProcessPlayer, InProcessPublisher } from '../contract/in-process.ts'
import type { MessageConnection } from '../contract/message-connection.ts'
import type { Plugin } from '../contract/plugin.ts'
import type { RefusalEvent } from '../contract/refusal-event.ts'
import { SharedObjects, type SharedObjectsOptions } from '../shared-object/shared-objects.ts'
import type { Stage, StageContext, StagePosition } from '../contract/stage.ts'
import type { Subscription } from '../contract/stream-view.ts'
import type { View, ViewOutput } from '../contract/view.ts'
import { status } from '../protocol/status.ts'
import type {
  AnyTransport,
  Listener,
  MessageTransportConnection,
  PeerInfo,
  TransportConnection,
} from '../contract/transport.ts'
import { maxUnacknowledged } from './acknowledged-window.ts'
import { checkServerOptions } from './check-server-options.ts'
import { newConnectionId } from './connection-id.ts'
import type { ServerContext } from './context.ts'
import { type DrainOptions, knownDrainOptions, withinTime } from './drain.ts'
import { endFields, isDisconnect } from '../peer/end-fields.ts'
import { EndSignal } from './end-signal.ts'
import { checkInProcessPeer } from './in-process/check-peer.ts'
import { mayPlay } from './in-process/may-play.ts'
import { playInProcess } from './in-process/play.ts'
import { publishInProcess } from './in-process/publish.ts'
import { viewInProcess } from './in-process/view.ts'
import { introduce } from './introduce.ts'
import { NetConnection } from './net-connection.ts'
import { Publishers } from './publishers.ts'
import { Receiver } from './receiver.ts'
import { StreamNotices } from './stream-notices.ts'
import { publishDiagnostics } from '../hooks/channels.ts'
import { PluginSets } from '../hooks/plugin-sets.ts'
import { SwfCheck } from './swf-check.ts'
import { TrafficByTransport } from './traffic-counts.ts'
import { Tally } from '../peer/tally.ts'

/** What a server is made of; all but the transports has a default. */
export interface RtmpServerOptions extends LiveStreamOptions {
  /** Where clients come from. */
  readonly transports: readonly AnyTransport[]
  /** Asked and told in this order. */
  readonly plugins?: readonly Plugin[]
  /** Spliced into every connection's incoming path, in this order. */
  readonly stages?: readonly Stage[]
  /** What one connection, and all of them together, may cost; those that differ from the defaults. */
  readonly limits?: Partial<SessionLimits>
  /** What happens to a player that does not keep up; default `drop`. */
  readonly whenSlow?: WhenSlow
  /**
   * Milliseconds that a player waits for a stream that nobody publishes; then it is told
   * `NetStream.Play.StreamNotFound`. Infinity lets it wait; who has played already waits for the next publisher
   * however long that takes. Default 30,000.
   */
  readonly publishWait?: number
  /** Where shared objects are kept, and what they may cost. */
  readonly sharedObjects?: SharedObjectsOptions
  /**
   * Accept RTMPE from clients that begin with it; default true. It protects nothing: `secure` of a connection stays
   * what its transport says.
   */
  readonly rtmpe?: boolean
  /**
   * Ask every client for the SWF file of its player, and end those that do not name one of these within
   * `connectTimeout`. For old Flash applications only: other clients can not answer, and everybody who has the file
   * can. Default: nobody is asked.
   */
  readonly swf?: readonly SwfIdentity[]
  /** Where it logs to; default nowhere. */
  readonly log?: Logger
}

/** Options of {@link RtmpServer.close}. */
export interface CloseOptions {
  /**
   * Asks clients that support reconnect requests (Enhanced RTMP) to connect again at this `tcUrl`: absolute, or
   * relative to the one they came with; `''` is that one. They are served until they have left. Default: no client is
   * asked.
   */
  readonly reconnectTo?: string
  /** Milliseconds that these clients have to leave. Default 10,000. */
  readonly reconnectTimeout?: number
}

const shutdown = status('NetConnection.Connect.AppShutdown', 'the server is shutting down')

/** Bytes of unfinished messages allowed before `connect` has been accepted. */
const partialBytesOfStrangers = 256 * 1024

/** Accepts connections from any number of transports and serves each as one RTMP session. */
export class RtmpServer implements ServerView {
  readonly #options: RtmpServerOptions
  readonly #context: ServerContext
  /** Limits of the chunk stream for clients whose `connect` was accepted. */
  readonly #chunkLimits: ChunkLimits
  readonly #connections = new Set<NetConnection>()
  /** Those that have fingerprints. */
  readonly #introducible = new WeakMap<MessageConnection, NetConnection>()
  readonly #streamNotices = new StreamNotices(() => this.#context.plugins)
  readonly #addresses = new Tally()
  readonly #wrongProtocols = new Seldom()
  readonly #traffic = new TrafficByTransport(this.#connections)
  /** Connections that came before the plugins were set up, and wait for that. */
  #early = 0
  /** Ends of connections that have closed, while something of them has still to end. */
  readonly #endings = new Set<Promise<void>>()
  #state: 'new' | 'listening' | 'draining' | 'closed' = 'new'
  #listeners: readonly Listener[] = []
  #binding: Promise<unknown> | undefined
  #closing: Promise<void> | undefined
  #draining: Promise<void> | undefined
  #whenEmpty: (() => void) | undefined
  #whenDrained: (() => void) | undefined
  #whenClosing: (() => void) | undefined

  /**
   * @throws UsageError `RTMP_ERR_SWF_IDENTITY` for an impossible `swf`, `RTMP_ERR_USAGE` for impossible limits and for
   *   what is no plugin
   */
  constructor(options: RtmpServerOptions) {
    const { limits, log = silentLogger, plugins = [], whenSlow = 'drop', publishWait = 30_000 } = options
    checkServerOptions(options)
    options.swf?.forEach(checkSwfIdentity)
    this.#options = options
    const allLimits = withLimits(defaultSessionLimits, limits, 'limits')
    const { maxMessageLength, maxPartialBytes } = allLimits
    this.#chunkLimits = { ...defaultChunkLimits, maxMessageLength, maxPartialBytes }
    const streams = new LiveStreams(options, this.#streamNotices, allLimits.maxMetadataLength)
    const players = new Set<PlayInfo>()
    const drops = new DropCounts()
    const isDraining = () => this.isDraining
    const abilities = () => this.abilities
    const view: ServerView = {
      connections: this.#connections,
      streams,
      players,
      traffic: this.traffic,
      dropped: drops,
      get isDraining() {
        return isDraining()
      },
      get abilities() {
        return abilities()
      },
      mayPlay: (app, name, who) => this.mayPlay(app, name, who),
    }
    const shown = { server: view, view: this.view.bind(this) }
    this.#context = {
      plugins: new PluginSets(plugins, allLimits.hookTimeout, log, shown, allLimits.closeTimeout),
      streams,
      publishers: new Publishers(allLimits.publishIdle),
      players,
      drops,
      sharedSources: new SharedSources(log),
      sharedObjects: new SharedObjects(options.sharedObjects, log, allLimits.closeTimeout),
      limits: allLimits,
      deadPeers: new DeadPeers(allLimits),
      whenSlow,
      publishWait,
      log,
    }
  }

  /** The live streams, published or waited for. */
  get streams(): LiveStreams {
    return this.#context.streams
  }

  /** The shared objects that are in use. */
  get sharedObjects(): SharedObjects {
    return this.#context.sharedObjects
  }

  /** All connections, also those whose `connect` was not accepted yet. */
  get connections(): ReadonlySet<ConnectionInfo> {
    return this.#connections
  }

  /** All plays in progress. */
  get players(): ReadonlySet<PlayInfo> {
    return this.#context.players
  }

  /** What came and went since the start, by transport. */
  get traffic(): ReadonlyMap<string, Traffic> {
    return this.#traffic.counts
  }

  /** What players were not sent since the start. */
  get dropped(): DroppedMessages {
    return this.#context.drops
  }

  /** True from {@link RtmpServer.drain} or {@link RtmpServer.close} on. */
  get isDraining(): boolean {
    return this.#state === 'draining' || this.#state === 'closed'
  }

  /** What can be asked of its plugins, such as to record a stream. */
  get abilities(): Abilities {
    return this.#context.plugins.abilities
  }

  /** What was bound by {@link RtmpServer.listen}, in the order of the transports. */
  get listeners(): readonly Listener[] {
    return this.#listeners
  }

  /**
   * Sets up the plugins, then binds all transports; if anything fails, none stays bound.
   *
   * @throws PluginError when a plugin could not be set up, the system's error of the first transport that failed,
   *   UsageError when called twice
   */
  async listen(): Promise<readonly Listener[]> {
    if (this.#state !== 'new') throw new UsageError('RTMP_ERR_USAGE', `listen() on a server that is ${this.#state}`)
    this.#state = 'listening'
    await this.#setUp()
    const binding = this.#bind()
    this.#binding = binding
    const results = await binding
    this.#listeners = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = results.find(result => result.status === 'rejected')
    if (failed !== undefined) {
      await this.close()
      throw failed.reason
    }
    if (this.#closing !== undefined || this.#draining !== undefined)
      throw new UsageError('RTMP_ERR_USAGE', 'the server was closed before it was listening')
    await this.#context.plugins.listening(this.#listeners)
    return this.#listeners
  }

  async #setUp(): Promise<void> {
    try {
      await this.#context.plugins.setUp()
    } catch (error) {
      if (this.#closing === undefined) {
        await this.close()
        throw error
      }
    }
    if (this.#closing !== undefined)
      throw new UsageError('RTMP_ERR_USAGE', 'the server was closed before it was listening')
  }

  /** Binds one after the other: worker processes that share port 0 tell their listeners apart by this order. */
  async #bind(): Promise<PromiseSettledResult<Listener>[]> {
    const results: PromiseSettledResult<Listener>[] = []
    for (const transport of this.#options.transports) {
      const [result] = await Promise.allSettled([(async () => this.#listenOn(transport))()])
      results.push(result)
      if (result.status === 'rejected') break
    }
    return results
  }

  #listenOn(transport: AnyTransport): Promise<Listener> {
    const accept = (peer: TransportConnection | MessageTransportConnection) => {
      if ('messages' in peer) this.serve(peer.messages, peer)
      else this.accept(peer)
    }
    return transport.listen(accept, {
      introduce: (wanted, asking) =>
        introduce(this.#introducible.get(wanted.messages), asking && this.#introducible.get(asking.messages)),
    })
  }

  /**
   * Serves one byte connection; for those who accept connections themselves. The first one has the plugins set up, if
   * the server does not listen: connections wait for that, and are refused when it fails.
   */
  accept(peer: TransportConnection): void {
    if (this.#refuses(peer, peer.stream) || this.#waits(peer, peer.stream, () => this.accept(peer))) return
    const connectionId = newConnectionId()
    const end = this.#options.stages?.length ? new EndSignal() : undefined
    let messages: ChunkConnection
    try {
      messages = new ChunkConnection(peer.stream, {
        ...this.#connectionOptions(),
        // Stages are others' code, which may keep what it has seen.
        reusesPayloads: end === undefined,
        ...(peer.paces === false && { maxUnacknowledged: maxUnacknowledged(this.#context.limits) }),
        ...(end && this.#stages({ connectionId, signal: end.signal })),
      })
    } catch (error) {
      end?.abort()
      this.#context.log.error(
        { remote: peer.remote.address, err: error },
        'connection refused: a stage could not be made',
      )
      this.#tellRefusal(peer, 'internal error')
      return discard(peer.stream)
    }
    if (end !== undefined) messages.on('close', () => end.abort())
    const { swf } = this.#options
    const swfCheck = swf && new SwfCheck(messages, swf, this.#context.limits.connectTimeout)
    this.#serve(messages, peer, connectionId, () => {
      swfCheck?.ask()
      messages.limits = this.#chunkLimits
    })
  }

  /** Serves one message connection, as {@link RtmpServer.accept} does; for carriers that have no chunk stream. */
  serve(messages: MessageConnection, peer: PeerInfo): void {
    if (this.#refuses(peer, messages) || this.#waits(peer, messages, () => this.serve(messages, peer))) return
    this.#serve(messages, peer, newConnectionId())
  }

  /**
   * Plays without RTMP: for viewers over HTTP, recorders of your own. Gates, limits, the policy for slow players, counts
   * and notices are those of every player, `connection` is what `who` says. The Readable ends with the publish (unless
   * `follow` is set) or with the recording, and fails with the StatusError of whoever ends it earlier: a plugin, the
   * server. Destroy it to leave. `'status'` gives what else the server tells it.
   *
   * @param name of the stream; a query may stand behind it
   * @throws StatusError with the code of the gate that refuses or that of a name that is not allowed, or
   *   `NetConnection.Connect.Rejected` when the server takes no more connections
   */
  async play(app: string, name: string, who: InProcessPlayer): Promise<Subscription> {
    await this.#admit(who)
    return playInProcess(messages => this.#serveInProcess(messages, who), app, name, who)
  }

  /**
   * Plays without RTMP for many viewers: as {@link RtmpServer.play}, but what is played goes to `output` in the batches that
   * all players share, so that it can be packed once for all. Resolves when the play has begun; what there is for late
   * players has been taken by then.
   *
   * @param name of the stream; a query may stand behind it
   * @throws StatusError as {@link RtmpServer.play} does; `output.ended()` is not called then
   */
  async view(app: string, name: string, who: InProcessPlayer, output: ViewOutput): Promise<View> {
    await this.#admit(who)
    return viewInProcess(messages => this.#serveInProcess(messages, who), app, name, who, output)
  }

  /**
   * Publishes without RTMP: audio, video and data messages that are written become the stream, through the gates and
   * Transforms of every publish. End the Writable to end the publish; it fails with the StatusError of whoever ends it
   * earlier. `'status'` gives what plugins tell the publisher.
   *
   * @param name of the stream; a query may stand behind it
   * @throws StatusError with the code of the gate that refuses, `NetStream.Publish.BadName` when somebody publishes that
   *   stream already or its name is not allowed, `NetConnection.Connect.Rejected` when the server takes no more
   *   connections
   */
  async publish(app: string, name: string, who: InProcessPublisher): Promise<Writable> {
    await this.#admit(who)
    return publishInProcess(messages => this.#serveInProcess(messages, who), app, name, who)
  }

  /** Whether the gates would let somebody play, see {@link ServerView.mayPlay}. */
  async mayPlay(app: string, name: string, who: InProcessPeer): Promise<boolean> {
    checkInProcessPeer(who)
    await this.#context.plugins.setUp()
    return mayPlay(this.#context, app, name, who)
  }

  #serveInProcess(messages: MessageConnection, who: InProcessPeer): NetConnection {
    const peer = { ...who, secure: who.secure ?? false }
    this.#check(peer)
    return this.#serve(messages, peer, newConnectionId())
  }

  /** Nobody is refused after plugins have been set up for it. */
  async #admit(who: InProcessPeer): Promise<void> {
    checkInProcessPeer(who)
    this.#check(who)
    await this.#context.plugins.setUp()
  }

  /** @throws StatusError when the server takes no more connections */
  #check(peer: Pick<PeerInfo, 'transport' | 'remote'>): void {
    const refusal = this.#refusal(peer)
    if (refusal === undefined) return
    this.#tellRefusal(peer, refusal)
    const code = 'NetConnection.Connect.Rejected'
    // It may come again: no gate has refused it.
    throw new StatusError(code, refusal, { level: 'error', code, description: refusal, httpStatus: 503 })
  }

  /** Of somebody who is turned away before anything is read. */
  #tellRefusal({ transport, remote }: Pick<PeerInfo, 'transport' | 'remote'>, reason: string): void {
    const code = 'NetConnection.Connect.Rejected'
    const event: RefusalEvent = { what: 'connect', connection: undefined, remote, transport, app: '', code, reason }
    void this.#context.plugins.notice('onRefusal', event)
  }

  #serve(messages: MessageConnection, peer: PeerInfo, connectionId: string, accepted?: () => void): NetConnection {
    const connection: NetConnection = new NetConnection(connectionId, messages, peer, this.#context, () => {
      accepted?.()
      publishDiagnostics('rtmpipe:connection:start', () => ({ connection }))
    })
    this.#connections.add(connection)
    if (peer.peerId !== undefined) this.#introducible.set(messages, connection)
    this.#addresses.add(peer.remote.address)
    const traffic = this.#traffic.of(peer.transport)
    traffic.accept()
    let failure: Error | undefined
    const receiver = new Receiver(connection)
    dispatch(messages, receiver, () => connection.end())
    messages.on('error', error => {
      failure = error
    })
    // Not once(): it would keep a wrapper for every connection.
    messages.on('close', () => {
      failure ??= connection.failure
      this.#connections.delete(connection)
      this.#addresses.delete(peer.remote.address)
      traffic.close(connection, failure)
      this.#logEnd(connection, failure)
      receiver.closed()
      const ending = connection.closed(failure)
      if (ending !== undefined) {
        this.#endings.add(ending)
        void ending.then(() => this.#endings.delete(ending))
      }
      if (this.#connections.size > 0) return
      this.#whenDrained?.()
      this.#whenEmpty?.()
    })
    return connection
  }

  /**
   * Replaces the plugins: new connections get these, in this order; a connection that is there keeps the plugins it
   * came with. A plugin in both lists goes on. A new plugin is told `onListen`. A plugin that is gone is told `onClose`
   * when the last connection that has it has left and no shared source of its set is open. Resolves when the new
   * plugins have been set up and told of the listeners.
   *
   * @throws UsageError when the server is closed, PluginError when a plugin could not be set up: nothing changes then
   */
  async replacePlugins(plugins: readonly Plugin[]): Promise<void> {
    if (this.#state === 'closed') throw new UsageError('RTMP_ERR_USAGE', 'replacePlugins() after close()')
    await this.#context.plugins.replace(plugins)
  }

  /**
   * Takes nobody new (listeners stop accepting, who comes all the same is refused and logged), and lets those who are
   * there finish. When all have left or the time is over, it closes; {@link RtmpServer.close} ends the wait. Idempotent:
   * the options of the first call count.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    checkOptions('drain()', options, knownDrainOptions)
    this.#draining ??= this.#drain(options)
    return this.#draining
  }

  async #drain({ timeout = 300_000, reconnectTo, until }: DrainOptions): Promise<void> {
    if (this.#closing !== undefined) return this.#closing
    this.#state = 'draining'
    await this.#binding
    // What fails here is thrown by close().
    for (const listener of this.#listeners) listener.close().catch(() => {})
    this.#context.log.info({ connections: this.#connections.size }, 'draining: nobody new is let in')
    void this.#context.plugins.notice('onDrain')
    const empty = new Promise<void>(resolve => {
      if (this.#connections.size === 0) resolve()
      this.#whenDrained = resolve
    })
    const closed = new Promise<void>(resolve => {
      this.#whenClosing = resolve
    })
    if (reconnectTo !== undefined)
      for (const connection of this.#connections) connection.requestReconnect(reconnectRequest(reconnectTo))
    const over = Promise.race([closed, Promise.allSettled([empty, until])])
    if (this.#closing === undefined) await withinTime(over, timeout)
    await this.close()
  }

  /**
   * Stops accepting, tells every client, sends what is still queued, and resolves when all clients have gone.
   * Idempotent: the options of the first call count.
   */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  async #close({ reconnectTo, reconnectTimeout = 10_000 }: CloseOptions): Promise<void> {
    this.#state = 'closed'
    this.#context.plugins.cancelSetUp()
    this.#whenClosing?.()
    await this.#binding
    const closing = this.#listeners.map(listener => listener.close())
    const empty = new Promise<void>(resolve => {
      this.#whenEmpty = resolve
    })
    if (reconnectTo !== undefined) await this.#sendAway(reconnectTo, reconnectTimeout, empty)
    for (const connection of this.#connections) connection.end(shutdown)
    if (this.#connections.size > 0) await empty
    await Promise.all(this.#endings)
    await Promise.all(closing)
    this.#context.sharedSources.close()
    this.#context.streams.close()
    await this.#streamNotices.settled()
    await this.#context.plugins.close()
    await this.#context.sharedObjects.close()
  }

  /** Closes the server, see {@link RtmpServer.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Clients that can't be asked to connect elsewhere are ended now, the others when their time is over. */
  async #sendAway(tcUrl: string, timeout: number, empty: Promise<void>): Promise<void> {
    const request = reconnectRequest(tcUrl)
    for (const connection of this.#connections) if (!connection.requestReconnect(request)) connection.end(shutdown)
    if (this.#connections.size > 0) await withinTime(empty, timeout)
  }

  #connectionOptions(): ChunkConnectionOptions {
    const { handshakeTimeout, maxMessageLength, maxPartialBytes } = this.#context.limits
    return {
      role: 'server',
      ...(this.#options.rtmpe === false && { handshake: new ServerHandshake() }),
      handshakeTimeout,
      limits: { maxMessageLength, maxPartialBytes: Math.min(maxPartialBytes, partialBytesOfStrangers) },
    }
  }

  #refuses(peer: PeerInfo, stream: Duplex): boolean {
    const refusal = this.#refusal(peer)
    if (refusal === undefined) return false
    this.#context.log.warn({ remote: peer.remote.address }, `connection refused: ${refusal}`)
    this.#tellRefusal(peer, refusal)
    discard(stream)
    return true
  }

  /** True of a connection that has to wait until the plugins have been set up; `serve` takes it then. */
  #waits(peer: PeerInfo, stream: Duplex, serve: () => void): boolean {
    const ready = this.#context.plugins.setUp()
    if (ready === undefined) return false
    const ignore = () => {}
    stream.on('error', ignore)
    this.#early += 1
    const stop = (act: () => void) => {
      this.#early -= 1
      // The error of one that is destroyed may still come.
      if (stream.destroyed) return
      act()
      stream.off('error', ignore)
    }
    ready.then(
      () => stop(serve),
      (error: unknown) => {
        this.#context.log.error({ remote: peer.remote.address, err: error }, 'connection refused: no plugins')
        this.#tellRefusal(peer, 'internal error')
        stop(() => discard(stream))
      },
    )
    return true
  }

  #refusal(peer: Pick<PeerInfo, 'remote'>): string | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#context.limits
    if (this.#state === 'closed') return 'the server is closing'
    if (this.#state === 'draining') return 'the server is draining'
    if (this.#connections.size + this.#early >= maxConnections) return `there are ${maxConnections} connections already`
    if (this.#addresses.count(peer.remote.address) < maxConnectionsPerAddress) return undefined
    return `there are ${maxConnectionsPerAddress} connections from this address already`
  }

  #stages(context: StageContext): Pick<ChunkConnectionOptions, StagePosition> {
    const { stages = [] } = this.#options
    const at = (position: StagePosition): Duplex[] =>
      stages.filter(stage => stage.position === position).map(stage => stage.create(context))
    return { afterHandshake: at('afterHandshake'), afterDemux: at('afterDemux') }
  }

  #logEnd(connection: NetConnection, error: Error | undefined): void {
    const { bytesReceived, bytesSent } = connection.messages
    const fields = { duration: Date.now() - connection.since.getTime(), bytesReceived, bytesSent }
    const { reason, ...fault } = endFields(error, farewell(connection))
    if (error instanceof WrongProtocolError) {
      const belongs = wrongPortSentence(error.spoken, connection.secure, this.#listeners)
      // Whoever scans the network brings this about at will.
      const level = this.#wrongProtocols.allows() ? 'warn' : 'debug'
      return connection.log[level]({ ...fields, ...fault }, belongs ?? reason)
    }
    // What it failed by has a line of the log already.
    const isTold = error !== undefined && error === connection.failure
    if (error === undefined || isTold || isDisconnect(error))
      connection.log.info({ ...fields, ...fault, reason }, 'disconnected')
    else if (fault.err === undefined) connection.log.warn({ ...fields, ...fault }, reason)
    else connection.log.warn({ ...fields, ...fault }, 'connection failed')
  }
}

/** '' is the `tcUrl` that the client came with. */
function reconnectRequest(tcUrl: string): ReconnectRequest {
  return { ...(tcUrl !== '' && { tcUrl }), description: 'the server is shutting down' }
}

function discard(stream: Duplex): void {
  stream.on('error', () => {})
  stream.destroy()
}

/** Clients that do not accept a certificate often say nothing at all. */
function farewell({ goodbye, messages, secure, tcUrl }: NetConnection): string {
  if (secure && tcUrl === '' && messages.bytesReceived === 0)
    return 'the client said nothing: it may not accept our certificate'
  return goodbye || 'the connection was ended'
}

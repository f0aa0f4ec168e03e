import {
  checkSwfIdentity,
  ChunkConnection,
  type ChunkConnectionOptions,
  type ChunkLimits,
  defaultChunkLimits,
  RtmpError,
  ServerHandshake,
  type SwfIdentity,
  UsageError,
} from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import type { ConnectionInfo } from '../contract/connection-info.ts'
import { dispatch } from '../peer/dispatch.ts'
import { withLimits } from '../contract/with-limits.ts'
import { defaultSessionLimits, type SessionLimits } from '../contract/limits.ts'
import { DeadPeers } from '../peer/dead-peers.ts'
import type { LiveStreamOptions } from '../live/live-stream.ts'
import { LiveStreams } from '../live/live-streams.ts'
import { SharedSources } from '../live/shared-sources.ts'
import type { WhenSlow } from '../contract/slow-consumer.ts'
import { type Logger, silentLogger } from '../contract/logger.ts'
import type { MessageConnection } from '../contract/message-connection.ts'
import type { Plugin } from '../contract/plugin.ts'
import { SharedObjects, type SharedObjectsOptions } from '../shared-object/shared-objects.ts'
import type { Stage, StageContext, StagePosition } from '../contract/stage.ts'
import { status } from '../protocol/status.ts'
import type { Listener, PeerInfo, Transport, TransportConnection } from '../contract/transport.ts'
import { newConnectionId } from './connection-id.ts'
import type { ServerContext } from './context.ts'
import { EndSignal } from './end-signal.ts'
import { NetConnection } from './net-connection.ts'
import { Receiver } from './receiver.ts'
import { PluginSets } from '../hooks/plugin-sets.ts'
import { SwfCheck } from './swf-check.ts'
import { Tally } from '../peer/tally.ts'

/** What a server is made of; all but the transports has a default. */
export interface RtmpServerOptions extends LiveStreamOptions {
  /** Where clients come from. */
  readonly transports: readonly Transport[]
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
   * `NetStream.Play.StreamNotFound`. Default Infinity.
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
export class RtmpServer {
  readonly #options: RtmpServerOptions
  readonly #context: ServerContext
  /** Limits of the chunk stream for clients whose `connect` was accepted. */
  readonly #chunkLimits: ChunkLimits
  readonly #connections = new Set<NetConnection>()
  readonly #addresses = new Tally()
  #state: 'new' | 'listening' | 'closed' = 'new'
  #listeners: readonly Listener[] = []
  #binding: Promise<unknown> | undefined
  #closing: Promise<void> | undefined
  #whenEmpty: (() => void) | undefined

  /**
   * @throws UsageError `RTMP_ERR_SWF_IDENTITY` for an impossible `swf`, `RTMP_ERR_USAGE` for impossible limits and for
   *   what is no plugin
   */
  constructor(options: RtmpServerOptions) {
    const { limits, log = silentLogger, plugins = [], whenSlow = 'drop', publishWait = Infinity } = options
    options.swf?.forEach(checkSwfIdentity)
    this.#options = options
    const allLimits = withLimits(defaultSessionLimits, limits, 'limits')
    const { maxMessageLength, maxPartialBytes } = allLimits
    this.#chunkLimits = { ...defaultChunkLimits, maxMessageLength, maxPartialBytes }
    this.#context = {
      plugins: new PluginSets(plugins, allLimits.hookTimeout, log, allLimits.closeTimeout),
      streams: new LiveStreams(options),
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

  /** What was bound by {@link RtmpServer.listen}, in the order of the transports. */
  get listeners(): readonly Listener[] {
    return this.#listeners
  }

  /**
   * Binds all transports; if one fails, none stays bound.
   *
   * @throws the system's error of the first transport that failed, UsageError when called twice
   */
  async listen(): Promise<readonly Listener[]> {
    if (this.#state !== 'new') throw new UsageError('RTMP_ERR_USAGE', `listen() on a server that is ${this.#state}`)
    this.#state = 'listening'
    const binding = this.#bind()
    this.#binding = binding
    const results = await binding
    this.#listeners = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = results.find(result => result.status === 'rejected')
    if (failed !== undefined) {
      await this.close()
      throw failed.reason
    }
    if (this.#closing !== undefined)
      throw new UsageError('RTMP_ERR_USAGE', 'the server was closed before it was listening')
    await this.#context.plugins.listening(this.#listeners)
    return this.#listeners
  }

  /** Binds one after the other: worker processes that share port 0 tell their listeners apart by this order. */
  async #bind(): Promise<PromiseSettledResult<Listener>[]> {
    const results: PromiseSettledResult<Listener>[] = []
    for (const transport of this.#options.transports) {
      const [result] = await Promise.allSettled([(async () => transport.listen(peer => this.accept(peer)))()])
      results.push(result)
      if (result.status === 'rejected') break
    }
    return results
  }

  /** Serves one byte connection; for those who accept connections themselves. */
  accept(peer: TransportConnection): void {
    if (this.#refuses(peer, peer.stream)) return
    const connectionId = newConnectionId()
    const end = this.#options.stages?.length ? new EndSignal() : undefined
    let messages: ChunkConnection
    try {
      messages = new ChunkConnection(peer.stream, {
        ...this.#connectionOptions(),
        ...(end && this.#stages({ connectionId, signal: end.signal })),
      })
    } catch (error) {
      end?.abort()
      this.#context.log.error(
        { remote: peer.remote.address, err: error },
        'connection refused: a stage could not be made',
      )
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

  /** Serves one message connection; for carriers that have no chunk stream. */
  serve(messages: MessageConnection, peer: PeerInfo): void {
    if (this.#refuses(peer, messages)) return
    this.#serve(messages, peer, newConnectionId())
  }

  #serve(messages: MessageConnection, peer: PeerInfo, connectionId: string, accepted?: () => void): void {
    const connection = new NetConnection(connectionId, messages, peer, this.#context, accepted)
    this.#connections.add(connection)
    this.#addresses.add(peer.remote.address)
    let failure: Error | undefined
    const receiver = new Receiver(connection)
    dispatch(messages, receiver, () => connection.end())
    messages.on('error', error => {
      failure = error
    })
    // Not once(): it would keep a wrapper for every connection.
    messages.on('close', () => {
      this.#connections.delete(connection)
      this.#addresses.delete(peer.remote.address)
      this.#logEnd(connection, failure)
      receiver.closed()
      connection.closed(failure)
      if (this.#connections.size === 0) this.#whenEmpty?.()
    })
  }

  /**
   * Replaces the plugins: new connections get these, in this order; a connection that is there keeps the plugins it
   * came with. A plugin in both lists goes on. A new plugin is told `onListen`. A plugin that is gone is told `onClose`
   * when the last connection that has it has left and no shared source of its set is open. Resolves when the new
   * plugins have been told of the listeners.
   *
   * @throws UsageError when the server is closed
   */
  async replacePlugins(plugins: readonly Plugin[]): Promise<void> {
    if (this.#state === 'closed') throw new UsageError('RTMP_ERR_USAGE', 'replacePlugins() after close()')
    await this.#context.plugins.replace(plugins)
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
    await this.#binding
    const closing = this.#listeners.map(listener => listener.close())
    const empty = new Promise<void>(resolve => {
      this.#whenEmpty = resolve
    })
    if (reconnectTo !== undefined) await this.#sendAway(reconnectTo, reconnectTimeout, empty)
    for (const connection of this.#connections) connection.end(shutdown)
    if (this.#connections.size > 0) await empty
    await Promise.all(closing)
    this.#context.sharedSources.close()
    await this.#context.plugins.close()
    await this.#context.sharedObjects.close()
  }

  /** Closes the server, see {@link RtmpServer.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Clients that can't be asked to connect elsewhere are ended now, the others when their time is over. */
  async #sendAway(tcUrl: string, timeout: number, empty: Promise<void>): Promise<void> {
    const request = { ...(tcUrl !== '' && { tcUrl }), description: 'the server is shutting down' }
    for (const connection of this.#connections) if (!connection.requestReconnect(request)) connection.end(shutdown)
    if (this.#connections.size === 0) return
    let timer: NodeJS.Timeout | undefined
    const timeIsOver = new Promise<void>(resolve => {
      timer = setTimeout(resolve, timeout)
    })
    await Promise.race([empty, timeIsOver])
    clearTimeout(timer)
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
    discard(stream)
    return true
  }

  #refusal(peer: PeerInfo): string | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#context.limits
    if (this.#state === 'closed') return 'the server is closing'
    if (this.#connections.size >= maxConnections) return `there are ${maxConnections} connections already`
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
    const fields = { bytesReceived, bytesSent }
    if (error === undefined || isDisconnect(error)) connection.log.info(fields, 'disconnected')
    else if (error instanceof RtmpError) connection.log.warn({ ...fields, code: error.code }, error.message)
    else connection.log.warn({ ...fields, err: error }, 'connection failed')
  }
}

function discard(stream: Duplex): void {
  stream.on('error', () => {})
  stream.destroy()
}

/** Peers that just go away are daily business. */
function isDisconnect(error: NodeJS.ErrnoException): boolean {
  return ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNABORTED'].includes(error.code ?? '')
}

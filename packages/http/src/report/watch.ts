import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type ConnectionInfo,
  type EndReason,
  type Host,
  type PlayInfo,
  type PublishInfo,
  type RefusalEvent,
  type ServerView,
  shownName,
  type StreamRelay,
  type StreamView,
} from '@rtmpipe/session'
import { Actor } from './actor.ts'
import { clusterReport } from './cluster.ts'
import { Describe } from './describe.ts'
import { EventLog } from './event-log.ts'
import { Ids } from './ids.ts'
import { Newest } from './newest.ts'
import { ProcessMeter } from './process-meter.ts'
import type {
  ConnectionReport,
  PlayerReport,
  RecordingReport,
  RefusalReport,
  RelayReport,
  ServerEvent,
  ServerReport,
  StreamReport,
} from './report.ts'
import type { Act, Outcome, Reports } from './reports.ts'
import { streamId } from './shown.ts'
import { version } from './version.ts'
import type { WatchOptions } from './watch-options.ts'

/** As many as `--workers` may be. */
const maxWorkers = 64

/** Reports of a server in this process. Is told of what happens by the hooks of the plugin that holds it. */
export class Watch implements Reports {
  readonly #host: Host
  readonly #options: WatchOptions
  readonly #ids = new Ids()
  readonly #describe: Describe
  readonly #actor: Actor
  readonly #events = new EventLog()
  readonly #refusals = new Newest<RefusalReport>()
  readonly #meter = new ProcessMeter()
  readonly #since = new Date().toISOString()
  readonly #worker: { readonly worker?: number }
  #refused = 0
  /** Recordings and relays of each stream, as far as they have been told. */
  readonly #recordings = new WeakMap<StreamView, ReadonlySet<object>>()
  readonly #relays = new WeakMap<StreamView, ReadonlyMap<StreamRelay, string>>()

  constructor(host: Host, options: WatchOptions = {}) {
    this.#host = host
    this.#options = options
    this.#worker = options.worker === undefined ? {} : { worker: options.worker }
    this.#describe = new Describe(this.#ids, options.worker)
    this.#actor = new Actor(host, this.#describe, options)
    subscribe('rtmpipe:connection:start', this.#connected)
  }

  /** Watches no more. */
  close(): void {
    unsubscribe('rtmpipe:connection:start', this.#connected)
    this.#meter.close()
  }

  async server(): Promise<ServerReport> {
    const { connections, streams, players, traffic, isDraining } = this.#server
    const all = [...streams]
    const cluster = this.#options.cluster?.()
    return {
      version: version(),
      node: process.version,
      since: this.#since,
      isDraining,
      processes: [this.#meter.report(this.#options.worker)],
      connections: connections.size,
      publishers: all.filter(({ publisher }) => publisher !== undefined).length,
      players: players.size,
      streams: all.filter(({ isLive }) => isLive).length,
      traffic: [...traffic].map(([transport, { accepted, received, sent }]) => {
        return { transport, accepted, received, sent }
      }),
      ...(cluster && { cluster: clusterReport(cluster) }),
    }
  }

  async connections(): Promise<readonly ConnectionReport[]> {
    const { connections, streams, players } = this.#server
    const publishes = new Lists<ConnectionInfo, string>()
    for (const { publisher, app, name } of streams) if (publisher) publishes.add(publisher, streamId(app, name))
    const plays = new Lists<ConnectionInfo, string>()
    for (const play of players) plays.add(play.connection, play.id)
    return [...connections].map(connection =>
      this.#describe.connection(connection, publishes.of(connection), plays.of(connection)),
    )
  }

  async streams(): Promise<readonly StreamReport[]> {
    return [...this.#server.streams].map(stream => this.#describe.stream(stream))
  }

  async players(): Promise<readonly PlayerReport[]> {
    return [...this.#server.players].map(play => this.#describe.player(play))
  }

  async recordings(): Promise<readonly RecordingReport[]> {
    return [...this.#server.streams].flatMap(stream =>
      [...stream.recordings].map(recording => this.#describe.recording(stream, recording)),
    )
  }

  async relays(): Promise<readonly RelayReport[]> {
    return [...this.#server.streams].flatMap((stream: StreamView) =>
      [...stream.relays].map(relay => this.#describe.relay(stream, relay)),
    )
  }

  async refusals(): Promise<readonly RefusalReport[]> {
    return [...this.#refusals].reverse()
  }

  follow(take: (event: ServerEvent) => void, after?: number): () => void {
    return this.#events.follow(take, after)
  }

  act(act: Act): Promise<Outcome> {
    return this.#actor.act(act)
  }

  configuration(): unknown {
    return this.#options.configuration?.()
  }

  /** A connection whose `connect` was accepted has gone. */
  disconnected(connection: ConnectionInfo, { error }: EndReason): void {
    this.#tell('connection.end', `${nameOf(connection)} has left`, { connection: connection.id, ...codeOf(error) })
  }

  publishStarted({ connection, app, streamName }: PublishInfo): void {
    const stream = streamId(app, streamName)
    this.#tell('publish.start', `${nameOf(connection)} publishes ${stream}`, { connection: connection.id, stream })
  }

  publishEnded({ connection, app, streamName }: PublishInfo, { error }: EndReason): void {
    const stream = streamId(app, streamName)
    const more = { connection: connection.id, stream, ...codeOf(error) }
    this.#tell('publish.end', `${nameOf(connection)} publishes ${stream} no more`, more)
  }

  playStarted(play: PlayInfo): void {
    this.#tell('play.start', `${nameOf(play.connection)} plays ${playedBy(play)}`, this.#idsOf(play))
  }

  playEnded(play: PlayInfo, { error }: EndReason): void {
    const more = { ...this.#idsOf(play), ...codeOf(error) }
    this.#tell('play.end', `${nameOf(play.connection)} plays ${playedBy(play)} no more`, more)
  }

  streamStarted({ app, name }: StreamView): void {
    const stream = streamId(app, name)
    this.#tell('stream.start', `${stream} has begun`, { stream })
  }

  streamEnded({ app, name }: StreamView, { error }: EndReason): void {
    const stream = streamId(app, name)
    this.#tell('stream.end', `${stream} has ended`, { stream, ...codeOf(error) })
  }

  /** Recordings of a stream have begun or ended. */
  recordingsChanged(stream: StreamView): void {
    const before = this.#recordings.get(stream) ?? new Set()
    const now = new Set(stream.recordings)
    this.#recordings.set(stream, now)
    const id = streamId(stream.app, stream.name)
    for (const recording of now)
      if (!before.has(recording)) this.#tell('recording.start', `${id} is recorded by ${recording.by}`, { stream: id })
    for (const recording of before)
      if (!now.has(recording as never)) this.#tell('recording.end', `a recording of ${id} has ended`, { stream: id })
  }

  /** Relays of a stream have begun, ended, or have another state. */
  relaysChanged(stream: StreamView): void {
    const before = this.#relays.get(stream) ?? new Map<StreamRelay, string>()
    const now = new Map([...stream.relays].map(relay => [relay, `${relay.state} ${relay.url}`]))
    this.#relays.set(stream, now)
    const id = streamId(stream.app, stream.name)
    for (const [relay, state] of now) {
      if (before.get(relay) === state) continue
      const report = this.#describe.relay(stream, relay)
      const way = report.direction === 'push' ? 'to' : 'from'
      this.#tell('relay.change', `the relay of ${id} ${way} ${report.url} is ${report.state}`, {
        stream: id,
        relay: report,
      })
    }
    for (const relay of before.keys())
      if (!now.has(relay)) this.#tell('relay.change', `a relay of ${id} has ended`, { stream: id })
  }

  /** Somebody was not let in. */
  refused(event: RefusalEvent): void {
    this.#refused += 1
    const { worker } = this.#options
    // Unique among the refusals of all processes.
    const id = worker === undefined ? this.#refused : this.#refused * maxWorkers + worker
    const refusal = this.#describe.refusal(id, event)
    this.#refusals.add(refusal)
    const who = event.connection === undefined ? refusal.remote.address : nameOf(event.connection)
    this.#tell('refusal', `${who} may not ${refusal.what}: ${refusal.reason}`, {
      ...(event.connection && { connection: event.connection.id }),
      ...(event.streamName !== undefined && { stream: streamId(event.app, event.streamName) }),
      refusal,
    })
  }

  /** The server lets nobody new in. */
  draining(): void {
    this.#tell('draining', 'the server takes nobody new, and ends when all have left')
  }

  get #server(): ServerView {
    return this.#host.server
  }

  /** The channel is that of all servers of this process. */
  readonly #connected = (message: unknown): void => {
    const { connection } = message as { readonly connection: ConnectionInfo }
    if (!this.#host.server.connections.has(connection)) return
    const app = shownName(connection.app)
    this.#tell('connection.start', `${nameOf(connection)} is connected to ${app}`, { connection: connection.id })
  }

  #idsOf(play: PlayInfo): Pick<ServerEvent, 'connection' | 'player' | 'stream'> {
    const { connection, stream } = play
    return {
      connection: connection.id,
      player: play.id,
      ...(stream && { stream: streamId(stream.app, stream.name) }),
    }
  }

  #tell(type: ServerEvent['type'], text: string, more: Partial<ServerEvent> = {}): void {
    this.#events.add({ at: new Date().toISOString(), type, ...this.#worker, ...more, text })
  }
}

/** Several values of each key. */
class Lists<K, V> {
  readonly #lists = new Map<K, V[]>()

  add(key: K, value: V): void {
    const list = this.#lists.get(key)
    if (list === undefined) this.#lists.set(key, [value])
    else list.push(value)
  }

  of(key: K): readonly V[] {
    return this.#lists.get(key) ?? []
  }
}

function nameOf({ remote, principal }: ConnectionInfo): string {
  return principal === undefined ? remote.address : `${principal.id} (${remote.address})`
}

function playedBy({ app, streamName }: PlayInfo): string {
  return streamId(app, streamName)
}

function codeOf(error: Error | undefined): Pick<ServerEvent, 'code'> {
  const code: unknown = (error as NodeJS.ErrnoException | undefined)?.code
  return typeof code === 'string' ? { code } : {}
}

import type { Act, Outcome, Reports } from '../../src/report/reports.ts'
import type {
  ClusterReport,
  ConnectionReport,
  PlayerReport,
  RecordingReport,
  RefusalReport,
  RelayReport,
  ServerEvent,
  ServerReport,
  StreamReport,
} from '../../src/report/report.ts'

const since = '2026-11-30T02:00:00.000Z'
const remote = { address: '192.0.2.7', port: 50_000 }

export const cluster: ClusterReport = {
  connections: 2,
  connected: 1,
  servers: ['192.0.2.9:4222'],
  joined: 3,
  offered: 4,
  reconnects: 5,
  frozen: 6,
  dropped: 7,
  droppedBytes: 8,
  late: 9,
  holes: 10,
  rejoins: 11,
  lost: 12,
}

export const server: ServerReport = {
  version: '0.1.0',
  node: '20.20.2',
  since,
  isDraining: false,
  processes: [{ worker: 0, pid: 7, since, cpu: 0.125, rss: 1, heapUsed: 2, eventLoopDelay: 0.5 }],
  connections: 2,
  publishers: 1,
  players: 1,
  streams: 1,
  traffic: [{ transport: 'rtmp', accepted: 3, received: 4, sent: 5 }],
  cluster,
}

export const connection: ConnectionReport = {
  id: 'c1',
  worker: 0,
  transport: 'rtmp',
  secure: false,
  remote,
  since,
  app: 'live',
  tcUrl: 'rtmp://127.0.0.1/live',
  client: 'FMLE/3.0',
  principal: 'anna',
  peerId: 'a0b1',
  received: 10,
  sent: 20,
  roundTrip: 1.5,
  publishes: ['live/cam'],
  plays: ['p1'],
}

export const recording: RecordingReport = { id: 'r1', stream: 'live/cam', by: 'record', since, bytes: 5 }

export const relay: RelayReport = {
  id: 'y1',
  stream: 'live/cam',
  by: 'relay',
  direction: 'push',
  url: 'rtmp://far/live',
  state: 'running',
  since,
  bytes: 6,
  attempts: 1,
  lastError: 'connection refused',
}

export const stream: StreamReport = {
  id: 'live/cam',
  worker: 0,
  app: 'live',
  name: 'cam',
  isLive: true,
  isPublishing: true,
  origin: 'publisher',
  publisher: 'c1',
  since,
  received: 1_000,
  sent: 2_000,
  bitRate: 2_500_000.5,
  codecs: [
    { kind: 'video', codec: 'avc1', isEnhanced: false, width: 1_280, height: 720, frameRate: 29.97 },
    { kind: 'audio', codec: 'mp4a', isEnhanced: false, sampleRate: 48_000, channels: 2 },
  ],
  viewers: 1,
  gop: { duration: 2_000, pictures: 60 },
  clockDrift: -12.5,
  gaps: 1,
  lastGap: since,
  recordings: [recording],
  relays: [relay],
}

export const player: PlayerReport = {
  id: 'p1',
  worker: 0,
  connection: 'c1',
  app: 'live',
  name: 'cam',
  stream: 'live/cam',
  since,
  sent: 2_000,
  lag: { bytes: 100, duration: 40 },
  dropped: 3,
  isSlow: false,
}

export const refusal: RefusalReport = {
  id: 1,
  worker: 0,
  at: since,
  what: 'publish',
  remote,
  client: 'FMLE/3.0',
  app: 'live',
  name: 'cam?…',
  plugin: 'auth',
  code: 'NetStream.Publish.Denied',
  reason: 'wrong key',
}

export function event(id: number, more: Partial<ServerEvent> = {}): ServerEvent {
  return { id, at: since, type: 'publish.start', stream: 'live/cam', connection: 'c1', text: `event ${id}`, ...more }
}

/** What a server might tell of itself, and whatever a test puts in its place. */
export class FakeReports implements Reports {
  /** All that was asked for, in order. */
  readonly acts: Act[] = []
  outcome: Outcome = { ok: true }
  all = {
    server,
    connections: [connection] as readonly ConnectionReport[],
    streams: [stream] as readonly StreamReport[],
    players: [player] as readonly PlayerReport[],
    recordings: [recording] as readonly RecordingReport[],
    relays: [relay] as readonly RelayReport[],
    refusals: [refusal] as readonly RefusalReport[],
    configuration: { server: { rtmp: 1935 } } as unknown,
  }
  #ring: readonly ServerEvent[] = []
  readonly #followers = new Set<(event: ServerEvent) => void>()

  get followers(): number {
    return this.#followers.size
  }

  tell(...events: readonly ServerEvent[]): void {
    this.#ring = [...this.#ring, ...events].slice(-1_000)
    for (const each of events) for (const take of this.#followers) take(each)
  }

  follow(take: (event: ServerEvent) => void, after?: number): () => void {
    // A function of its own: the same may follow twice.
    const follower = (event: ServerEvent) => take(event)
    if (after !== undefined) for (const each of this.#ring) if (each.id > after) follower(each)
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  async act(act: Act): Promise<Outcome> {
    this.acts.push(act)
    return this.outcome
  }

  server = async (): Promise<ServerReport> => this.all.server
  connections = async (): Promise<readonly ConnectionReport[]> => this.all.connections
  streams = async (): Promise<readonly StreamReport[]> => this.all.streams
  players = async (): Promise<readonly PlayerReport[]> => this.all.players
  recordings = async (): Promise<readonly RecordingReport[]> => this.all.recordings
  relays = async (): Promise<readonly RelayReport[]> => this.all.relays
  refusals = async (): Promise<readonly RefusalReport[]> => this.all.refusals
  configuration = (): unknown => this.all.configuration
}

import type {
  Act,
  ConnectionReport,
  Outcome,
  PlayerReport,
  Reports,
  ServerReport,
  StreamReport,
} from '../../src/index.ts'

const since = '2026-01-01T00:00:00.000Z'

/** A server with one stream, whose publisher and two players are known, and what is done to it. */
export class SampleReports implements Partial<Reports> {
  readonly acts: Act[] = []
  outcome: Outcome = { ok: true }
  readonly lists: {
    streams: StreamReport[]
    connections: ConnectionReport[]
    players: PlayerReport[]
  } = {
    streams: [streamReport({})],
    connections: [
      connectionReport({ id: 'pub', publishes: ['live/cam'], client: 'FMLE/3.0' }),
      connectionReport({ id: 'one', plays: ['1'], remote: { address: '192.0.2.8', port: 8 } }),
      connectionReport({
        id: 'two',
        plays: ['2'],
        transport: 'rtmps',
        secure: true,
        remote: { address: '::1', port: 9 },
      }),
      connectionReport({ id: 'idle', app: '' }),
    ],
    players: [playerReport({ id: '1', connection: 'one' }), playerReport({ id: '2', connection: 'two', dropped: 5 })],
  }

  async server(): Promise<ServerReport> {
    const process = { pid: 4711, since, cpu: 0.25, rss: 1024 * 1024, heapUsed: 1, eventLoopDelay: 1 }
    return {
      version: '1.2.3',
      node: '20',
      since,
      isDraining: false,
      processes: [process],
      connections: 4,
      publishers: 1,
      players: 2,
      streams: 1,
      traffic: [
        { transport: 'rtmp', accepted: 7, received: 100, sent: 200 },
        { transport: 'rtmps', accepted: 1, received: 11, sent: 22 },
      ],
    }
  }

  async streams(): Promise<readonly StreamReport[]> {
    return this.lists.streams
  }

  async connections(): Promise<readonly ConnectionReport[]> {
    return this.lists.connections
  }

  async players(): Promise<readonly PlayerReport[]> {
    return this.lists.players
  }

  async act(act: Act): Promise<Outcome> {
    this.acts.push(act)
    return this.outcome
  }
}

export function streamReport(fields: Partial<StreamReport>): StreamReport {
  return {
    id: 'live/cam',
    app: 'live',
    name: 'cam',
    isLive: true,
    isPublishing: true,
    origin: 'publisher',
    publisher: 'pub',
    since,
    received: 5000,
    sent: 9000,
    bitRate: 2_500_000.4,
    codecs: [
      { kind: 'video', codec: 'avc1', isEnhanced: false, width: 1280, height: 720, frameRate: 29.97 },
      { kind: 'audio', codec: 'mp4a', isEnhanced: false, sampleRate: 48000, channels: 2 },
    ],
    viewers: 2,
    gaps: 0,
    recordings: [],
    relays: [],
    ...fields,
  }
}

export function connectionReport(fields: Partial<ConnectionReport>): ConnectionReport {
  return {
    id: 'x',
    transport: 'rtmp',
    secure: false,
    remote: { address: '192.0.2.7', port: 5000 },
    since,
    app: 'live',
    tcUrl: 'rtmp://host/live',
    client: '',
    received: 300,
    sent: 400,
    publishes: [],
    plays: [],
    ...fields,
  }
}

export function playerReport(fields: Partial<PlayerReport>): PlayerReport {
  return {
    id: '1',
    connection: 'one',
    app: 'live',
    name: 'cam',
    stream: 'live/cam',
    since,
    sent: 10,
    lag: { bytes: 0, duration: 0 },
    dropped: 0,
    isSlow: false,
    ...fields,
  }
}

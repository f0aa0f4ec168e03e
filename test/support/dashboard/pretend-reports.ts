import type {
  ConnectionReport,
  PlayerReport,
  RefusalReport,
  RelayReport,
  ServerEvent,
  ServerReport,
  StreamReport,
} from '@rtmpipe/http'

const apps = ['live', 'sport', 'church', 'campus']
const names = [
  'main-stage',
  'camera-2',
  'backstage',
  'hall-a',
  'hall-b',
  'morning-show',
  'final',
  'press',
  'drone',
  'lecture-12',
  'chess',
  'service',
]
const pictures = [
  { width: 1920, height: 1080, frameRate: 60 },
  { width: 1280, height: 720, frameRate: 30 },
  { width: 3840, height: 2160, frameRate: 59.94 },
  { width: 1920, height: 1080, frameRate: 25 },
]
const codecs = [
  { codec: 'avc1', isEnhanced: false },
  { codec: 'hvc1', isEnhanced: true },
  { codec: 'avc1', isEnhanced: false },
  { codec: 'av01', isEnhanced: true },
]
const clients = ['OBS 31.0.2', 'FMLE/3.0 (compatible; FMSc/1.0)', 'Lavf61.7.100', 'Wirecast', 'VLC 3.0.21']

/** Made up, but always the same: a number from 0 to 1 for each `seed`. */
export function noise(seed: number): number {
  const value = Math.sin(seed * 12.9898) * 43_758.5453
  return value - Math.floor(value)
}

/** When the server that is made up began. */
const started = Date.now() - 264_000_000

const ago = (seconds: number, now: number): string => new Date(now - seconds * 1000).toISOString()

export interface Pretence {
  readonly streams: readonly StreamReport[]
  readonly players: readonly PlayerReport[]
  readonly connections: readonly ConnectionReport[]
}

/**
 * A server with that many streams and viewers, as it may look like at a time.
 *
 * @param step how often it has been looked at: numbers move with it
 */
export function pretend(streamCount: number, playerCount: number, now: number, step = 0): Pretence {
  const streams = Array.from({ length: streamCount }, (_, at) => pretendStream(at, now, step))
  const players = Array.from({ length: playerCount }, (_, at) => {
    // Some streams have many viewers, most have few.
    const stream = streams[Math.floor(noise(at + 7) ** 3 * streamCount)]
    return pretendPlayer(at, stream, now, step)
  })
  const viewers = new Map<string, number>()
  for (const { stream = '' } of players) viewers.set(stream, (viewers.get(stream) ?? 0) + 1)
  return {
    streams: streams.map(stream => ({ ...stream, viewers: viewers.get(stream.id) ?? 0 })),
    players,
    connections: [
      ...streams.map(({ app, id }, at) => pretendConnection(`c${at}`, app, at, now, { publishes: [id] })),
      ...players.map(({ app, connection, id }, at) =>
        pretendConnection(connection, app, at + streamCount, now, { plays: [id] }),
      ),
    ],
  }
}

function pretendStream(at: number, now: number, step: number): StreamReport {
  const app = apps[Math.floor(noise(at) * apps.length)] ?? 'live'
  const round = Math.floor(at / names.length)
  const name = `${names[at % names.length]}${round === 0 ? '' : `-${round + 1}`}`
  const id = `${app}/${name}`
  const picture = pictures[at % pictures.length]
  const rate = [6_000_000, 2_800_000, 18_000_000, 4_500_000][at % 4] ?? 1
  const wobble = 0.86 + 0.18 * noise(at * 31 + step) + 0.08 * Math.sin(step / 6 + at)
  const begun = 240 + noise(at + 3) * 9000
  const hasGap = noise(at + 5) > 0.85
  const frameRate = picture?.frameRate ?? 30
  return {
    id,
    app,
    name,
    isLive: true,
    isPublishing: at % 11 !== 7,
    origin: at % 9 === 5 ? 'source' : 'publisher',
    ...(at % 9 === 5 ? {} : { publisher: `c${at}` }),
    since: ago(begun, now),
    received: Math.floor((rate * begun) / 8),
    sent: Math.floor((rate * begun * 14) / 8),
    bitRate: at % 11 === 7 ? 0 : rate * wobble,
    codecs: [
      { kind: 'video', ...(codecs[at % codecs.length] ?? { codec: 'avc1', isEnhanced: false }), ...picture },
      {
        kind: 'audio',
        codec: at % 4 === 3 ? 'Opus' : 'mp4a',
        isEnhanced: at % 4 === 3,
        sampleRate: 48_000,
        channels: 2,
      },
    ],
    viewers: 0,
    gop: { duration: at % 10 === 3 ? 8333 : 2000, pictures: Math.round((at % 10 === 3 ? 8.333 : 2) * frameRate) },
    clockDrift: at % 8 === 2 ? 1830 + step : Math.round((noise(at + 9) - 0.5) * 90),
    gaps: hasGap ? Math.ceil(noise(at + 6) * 4) : 0,
    ...(hasGap ? { lastGap: ago(95 + at, now) } : {}),
    recordings:
      at % 3 === 0
        ? [
            {
              id: `r${at}`,
              stream: id,
              by: 'record',
              since: ago(begun / 2, now),
              bytes: (rate * begun) / 16 + step * rate,
            },
          ]
        : [],
    relays: pretendRelays(at, id, now, step),
  }
}

function pretendRelays(at: number, stream: string, now: number, step: number): readonly RelayReport[] {
  if (at % 4 !== 0) return []
  const good: RelayReport = {
    id: `y${at}`,
    stream,
    by: 'relay',
    direction: 'push',
    url: 'rtmps://ingest.video.example/app/show?…',
    state: 'running',
    since: ago(1800 + at, now),
    bytes: 900_000_000 + step * 1_500_000,
    attempts: 1,
  }
  if (at % 8 !== 0) return [good]
  const bad: RelayReport = {
    ...good,
    id: `z${at}`,
    url: 'rtmp://backup.example:1936/live/copy',
    state: 'waiting',
    since: ago(12, now),
    bytes: 41_000_000,
    attempts: 7,
    lastError: 'connect ECONNREFUSED 198.51.100.23:1936',
  }
  return [good, bad]
}

function pretendPlayer(at: number, stream: StreamReport | undefined, now: number, step: number): PlayerReport {
  const isSlow = noise(at + 11) > 0.993
  const begun = 5 + noise(at + 2) * 4000
  return {
    id: `p${at}`,
    connection: `v${at}`,
    app: stream?.app ?? 'live',
    name: stream?.name ?? 'show',
    ...(stream === undefined ? {} : { stream: stream.id }),
    since: ago(begun, now),
    sent: Math.floor(begun * 500_000),
    lag: isSlow
      ? { bytes: Math.floor(400_000 + noise(at + step) * 3_000_000), duration: 900 + noise(at + step) * 4000 }
      : { bytes: Math.floor(noise(at + step) * 30_000), duration: noise(at + step) * 60 },
    dropped: isSlow ? Math.floor(noise(at) * 900) : 0,
    isSlow,
  }
}

function pretendConnection(
  id: string,
  app: string,
  at: number,
  now: number,
  { publishes = [], plays = [] }: { readonly publishes?: readonly string[]; readonly plays?: readonly string[] },
): ConnectionReport {
  const part = (seed: number): number => Math.floor(noise(at + seed) * 254) + 1
  return {
    id,
    transport: at % 5 === 0 ? 'rtmps' : 'rtmp',
    secure: at % 5 === 0,
    remote: {
      address: at % 6 === 1 ? `2001:db8:${part(1).toString(16)}::${part(2).toString(16)}` : `203.0.113.${part(3)}`,
      port: 40_000 + at,
    },
    since: ago(100 + at, now),
    app,
    tcUrl: `rtmp://stream.example.com/${app}`,
    client: clients[Math.floor(noise(at + 4) * clients.length)] ?? 'OBS',
    received: 1_000_000,
    sent: 2_000_000,
    roundTrip: 20,
    publishes,
    plays,
  }
}

export function pretendServer({ streams, players, connections }: Pretence, now: number, step = 0): ServerReport {
  const since = new Date(started).toISOString()
  const seconds = (now - started) / 1000
  // All bytes so far; how many come in a second goes up and down.
  const received = streams.length * 450_000 * (seconds + 9 * Math.sin(seconds / 41) + 0.5 * Math.sin(seconds / 7))
  return {
    version: '0.1.0',
    node: '22.12.0',
    since,
    isDraining: false,
    processes: [0, 1, 2, 3].map(worker => ({
      worker,
      pid: 4100 + worker,
      since,
      cpu: 0.12 + 0.06 * noise(worker * 7 + step) + 0.05 * Math.sin(step / 9),
      rss: 180_000_000 + worker * 9_000_000 + noise(step + worker) * 12_000_000 + step * 40_000,
      heapUsed: 60_000_000 + noise(step * 3 + worker) * 20_000_000,
      eventLoopDelay: 1.2 + 3 * noise(step * 5 + worker) ** 3,
    })),
    connections: connections.length,
    publishers: streams.length,
    players: players.length,
    streams: streams.length,
    traffic: [
      { transport: 'rtmp', accepted: 18_230, received: received * 0.7, sent: received * 9 },
      { transport: 'rtmps', accepted: 4_122, received: received * 0.3, sent: received * 2 },
      { transport: 'rtmpt', accepted: 96, received: 1e8, sent: 4e9 },
    ],
  }
}

export function pretendRefusals(now: number): readonly RefusalReport[] {
  const kinds: readonly Partial<RefusalReport>[] = [
    {
      what: 'publish',
      plugin: 'publish-keys',
      code: 'NetStream.Publish.Denied',
      reason: 'wrong key',
      name: 'main-stage?key=…',
    },
    {
      what: 'connect',
      plugin: 'quotas',
      code: 'NetConnection.Connect.Rejected',
      reason: 'too many connections from 198.51.100.7: 20 at most',
    },
    {
      what: 'play',
      plugin: 'signed-urls',
      code: 'NetStream.Play.Failed',
      reason: 'the signature has expired',
      name: 'final?sig=…',
    },
    {
      what: 'publish',
      code: 'NetStream.Publish.BadName',
      reason: 'live/main-stage is being published already',
      name: 'main-stage',
    },
  ]
  return Array.from({ length: 60 }, (_, at): RefusalReport => {
    return {
      id: 100 - at,
      at: ago(20 + at * at * 9, now),
      what: 'publish',
      remote: { address: `198.51.100.${(at * 37) % 250}`, port: 50_000 + at },
      client: clients[at % clients.length] ?? '',
      app: 'live',
      code: '',
      reason: '',
      ...kinds[Math.floor(noise(at) * kinds.length)],
    }
  })
}

/** Publishers that came and went in the last ten minutes. */
export function pretendEvents(
  { streams }: Pretence,
  refusals: readonly RefusalReport[],
  now: number,
): readonly ServerEvent[] {
  const events: Omit<ServerEvent, 'id'>[] = []
  for (const [at, { id, since = '' }] of streams.slice(0, 14).entries()) {
    for (let turn = 0; turn < at % 4; turn++) {
      const end = 560 - turn * 130 - noise(at + turn) * 60
      events.push({
        at: ago(end, now),
        type: 'publish.start',
        stream: id,
        text: `${id} is published from 203.0.113.${at}`,
      })
      const code = (at + turn) % 3 === 0 ? { code: 'ECONNRESET' } : {}
      const to = Math.max(end - 30 - noise(at * turn) * 80, 5)
      events.push({ at: ago(to, now), type: 'publish.end', stream: id, ...code, text: `${id} is published no more` })
    }
    const begun = at % 4 === 0 ? since : ago(90 - at * 3, now)
    events.push({ at: begun, type: 'publish.start', stream: id, text: `${id} is published from 203.0.113.${at}` })
  }
  for (const refusal of refusals.slice(0, 8)) {
    events.push({
      at: refusal.at,
      type: 'refusal',
      refusal,
      code: refusal.code,
      text: `${refusal.what} refused: ${refusal.reason}`,
    })
  }
  events.push({
    at: ago(3, now),
    type: 'relay.change',
    stream: streams[0]?.id ?? '',
    text: 'relay waits: connect ECONNREFUSED',
  })
  return events
    .toSorted((one, two) => Date.parse(one.at) - Date.parse(two.at))
    .map((each, at) => ({ ...each, id: at + 1 }))
}

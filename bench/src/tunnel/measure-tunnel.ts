import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { cached } from '../cache.ts'
import { encodeMedia, findFfmpeg } from '../micro/ffmpeg.ts'
import type { Progress } from '../progress.ts'
import type { Group, Row } from '../results.ts'
import { rtmpipe } from '../servers/rtmpipe.ts'
import { RunningServer } from '../servers/running-server.ts'
import { TemporaryFolder } from '../servers/temporary-folder.ts'
import { type Arrivals, playWithClient, playWithFfmpeg, publish } from './arrivals.ts'
import { CountingRelay } from './counting-relay.ts'
import { startNginx } from './nginx.ts'

/** Name of the group of figures. */
export const tunnelGroup = 'tunnel'
const ourRow = 'rtmpipe, RTMPT'
const ffmpegRow = 'ffmpeg, RTMPT'
/** Seconds until all play, and what ffmpeg looks at first has passed. */
const warmUp = 5
/** Seconds beyond the window: starting, ending. */
const overhead = 4

/** Seconds that all rounds take. */
export function tunnelSeconds(seconds: number, rounds: number): number {
  return rounds * 2 * (seconds + warmUp + overhead)
}

/**
 * What the tunnel adds to the latency of the same client over RTMP, picture by picture, in one run; and what goes over the
 * wire for it.
 */
export async function measureTunnel(seconds: number, rounds: number, progress: Progress): Promise<Group> {
  const ffmpeg = await findFfmpeg()
  const media = cached('media.flv')
  if (!existsSync(media)) await encodeMedia(ffmpeg, media)
  const rows = new Map<string, Row>()
  for (let round = 1; round <= rounds; round += 1) {
    progress.start(`${tunnelGroup} · round ${round} of ${rounds}`, tunnelSeconds(seconds, 1))
    const figures = await measureRound(ffmpeg, media, seconds)
    for (const [name, values] of Object.entries(figures)) {
      const row = rows.get(name) ?? { name, reference: false, figures: {}, failures: [] }
      rows.set(name, row)
      for (const [key, value] of Object.entries(values))
        if (Number.isFinite(value)) (row.figures[key] ??= []).push(value)
    }
    progress.finish(`${Object.keys(figures).length} players`)
  }
  return {
    name: tunnelGroup,
    title: 'what the tunnel adds to the latency of RTMP (merge window 0), and what it sends (20), 2.6 Mbit/s',
    columns: [
      { key: 'p50', title: 'added p50 ms', better: 'less' },
      { key: 'p99', title: 'added p99 ms', better: 'less' },
      { key: 'requests', title: 'requests/s', better: 'less' },
      { key: 'idle', title: 'idle requests/s', better: 'less' },
      { key: 'wire', title: 'wire/payload', better: 'less' },
    ],
    rows: [...rows.values()],
  }
}

type Figures = Record<string, Record<string, number>>

async function measureRound(ffmpeg: string, media: string, seconds: number): Promise<Figures> {
  const figures = await measureLatency(ffmpeg, media, seconds)
  for (const [name, counts] of Object.entries(await measureCounts(ffmpeg, media, seconds)))
    figures[name] = { ...figures[name], ...counts }
  return figures
}

/** At merge window 0, where RTMP itself waits for nothing. */
async function measureLatency(ffmpeg: string, media: string, seconds: number): Promise<Figures> {
  using folder = new TemporaryFolder()
  await using server = await RunningServer.start(rtmpipe('--merge-window', '0'), 'rtmpts')
  const { rtmp, rtmpt, rtmpts } = server.urls
  await using nginx = await startNginx(portOf(rtmpt), folder)
  await using players = new Players(ffmpeg)
  const behind = `rtmpt://${nginx.address}`
  const ours = await players.clients(rtmp, rtmpt, rtmpts, behind)
  const theirs = players.programs(rtmp, rtmpt, behind)
  await using _ = publish(media, `${rtmp}/live/bench`)
  await pause(warmUp * 1000)
  const from = performance.now()
  await pause(seconds * 1000)
  const to = performance.now()
  const late = ([reference, ...all]: readonly Arrivals[]): Record<string, number>[] =>
    all.map(player => (reference === undefined ? {} : latency(player, reference, from, to)))
  const [tunnel = {}, secure = {}, oursBehind = {}] = late(ours)
  const [program = {}, programBehind = {}] = late(theirs)
  return {
    [ourRow]: tunnel,
    'rtmpipe, RTMPTS': secure,
    'rtmpipe, RTMPT, nginx': oursBehind,
    [ffmpegRow]: program,
    'ffmpeg, RTMPT, nginx': programBehind,
  }
}

/** At the default merge window. */
async function measureCounts(ffmpeg: string, media: string, seconds: number): Promise<Figures> {
  await using server = await RunningServer.start(rtmpipe(), 'rtmpt')
  const port = portOf(server.urls.rtmpt)
  await using ours = await CountingRelay.start(port)
  await using theirs = await CountingRelay.start(port)
  await using ourIdle = await CountingRelay.start(port)
  await using theirIdle = await CountingRelay.start(port)
  await using players = new Players(ffmpeg)
  const [player] = await players.clients(ours.url)
  players.programs(theirs.url)
  await players.clients(`${ourIdle.url}/nobody`)
  players.programs(`${theirIdle.url}/nobody`)
  await using _ = publish(media, `${server.urls.rtmp}/live/bench`)
  await pause(warmUp * 1000)
  const before = player?.payload ?? 0
  for (const relay of [ours, theirs, ourIdle, theirIdle]) relay.reset()
  const from = performance.now()
  await pause(seconds * 1000)
  const took = (performance.now() - from) / 1000
  const payload = (player?.payload ?? 0) - before
  const counts = (playing: CountingRelay, idle: CountingRelay): Record<string, number> => ({
    requests: playing.requests / took,
    idle: idle.requests / took,
    wire: playing.down / payload,
  })
  return { [ourRow]: counts(ours, ourIdle), [ffmpegRow]: counts(theirs, theirIdle) }
}

function portOf(url: string): number {
  return Number(url.split(':').at(-1))
}

/** Milliseconds by which pictures came later than to the reference, of those that this had within the window. */
function latency(player: Arrivals, reference: Arrivals, from: number, to: number): { p50: number; p99: number } {
  const late = [...reference.times]
    .filter(([, at]) => at >= from && at <= to)
    .map(([timestamp, at]) => (player.times.get(timestamp) ?? Number.POSITIVE_INFINITY) - at)
    .toSorted((a, b) => a - b)
  const at = (share: number): number => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}

/** Players of `live/bench` of servers, and of the same name in other applications. */
class Players implements AsyncDisposable {
  readonly #ffmpeg: string
  readonly #all: Arrivals[] = []

  constructor(ffmpeg: string) {
    this.#ffmpeg = ffmpeg
  }

  async clients(...servers: readonly string[]): Promise<Arrivals[]> {
    const clients = await Promise.all(servers.map(url => playWithClient(appOf(url), 'bench')))
    this.#all.push(...clients)
    return clients
  }

  programs(...servers: readonly string[]): Arrivals[] {
    const programs = servers.map(url => playWithFfmpeg(this.#ffmpeg, `${appOf(url)}/bench`))
    this.#all.push(...programs)
    return programs
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map(player => player[Symbol.asyncDispose]()))
  }
}

function appOf(url: string): string {
  return url.split('/').length > 3 ? url : `${url}/live`
}

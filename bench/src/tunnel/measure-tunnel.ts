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
/** Seconds until all play, and what ffmpeg looks at first has passed. */
const warmUp = 5
/** Seconds beyond the window: starting, ending. */
const overhead = 6

/** Seconds that all rounds take. */
export function tunnelSeconds(seconds: number, rounds: number): number {
  return rounds * (seconds + warmUp + overhead)
}

/**
 * What the tunnel adds to the latency of the same client over RTMP, picture by picture, in one run at merge window 0; and what
 * goes over the wire for it.
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
    title: 'what the tunnel adds to the latency of RTMP, merge window 0, and what it sends (2.6 Mbit/s)',
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

async function measureRound(
  ffmpeg: string,
  media: string,
  seconds: number,
): Promise<Record<string, Record<string, number>>> {
  using folder = new TemporaryFolder()
  await using server = await RunningServer.start(rtmpipe('--merge-window', '0'), 'rtmpts')
  const { rtmp, rtmpt, rtmpts } = server.urls
  const port = Number(rtmpt.split(':').at(-1))
  await using nginx = await startNginx(port, folder)
  await using ours = await CountingRelay.start(port)
  await using theirs = await CountingRelay.start(port)
  await using idle = await CountingRelay.start(port)
  await using idleFfmpeg = await CountingRelay.start(port)
  await using players = new Players()
  const client = (url: string, name = 'bench'): Promise<Arrivals> => players.add(playWithClient(`${url}/live`, name))
  const program = (url: string, name = 'bench'): Promise<Arrivals> =>
    players.add(Promise.resolve(playWithFfmpeg(ffmpeg, `${url}/live/${name}`)))
  const [base, tunnel, secure, behind, counted] = [
    await client(rtmp),
    await client(rtmpt),
    await client(rtmpts),
    await client(`rtmpt://${nginx.address}`),
    await client(`rtmpt://${ours.address}`),
  ]
  await client(`rtmpt://${idle.address}`, 'nobody')
  const [ffmpegBase, ffmpegTunnel, ffmpegBehind] = [
    await program(rtmp),
    await program(rtmpt),
    await program(`rtmpt://${nginx.address}`),
  ]
  await program(`rtmpt://${theirs.address}`)
  await program(`rtmpt://${idleFfmpeg.address}`, 'nobody')
  await using _ = publish(media, `${rtmp}/live/bench`)
  await pause(warmUp * 1000)
  const [from, payloadBefore] = [performance.now(), counted.payload]
  for (const relay of [ours, theirs, idle, idleFfmpeg]) relay.reset()
  await pause(seconds * 1000)
  const to = performance.now()
  const payload = counted.payload - payloadBefore
  const perSecond = (count: number): number => (count * 1000) / (to - from)
  const counts = (playing: CountingRelay, idling: CountingRelay): Record<string, number> => ({
    requests: perSecond(playing.requests),
    idle: perSecond(idling.requests),
    wire: playing.down / payload,
  })
  const added = (player: Arrivals, reference: Arrivals): Record<string, number> => latency(player, reference, from, to)
  return {
    'rtmpipe, RTMPT': { ...added(tunnel, base), ...counts(ours, idle) },
    'rtmpipe, RTMPTS': added(secure, base),
    'rtmpipe, RTMPT, nginx': added(behind, base),
    'ffmpeg, RTMPT': { ...added(ffmpegTunnel, ffmpegBase), ...counts(theirs, idleFfmpeg) },
    'ffmpeg, RTMPT, nginx': added(ffmpegBehind, ffmpegBase),
  }
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

class Players implements AsyncDisposable {
  readonly #all: Arrivals[] = []

  async add(player: Promise<Arrivals>): Promise<Arrivals> {
    const it = await player
    this.#all.push(it)
    return it
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map(player => player[Symbol.asyncDispose]()))
  }
}

import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { FlvDemuxer, type MediaMessage } from '@rtmpipe/flv'
import { connect, MessageType } from 'rtmpipe'
import { BareViewer } from './bare-viewer.ts'
import { cpuTime, residentMemory } from './process-figures.ts'
import { percentiles } from './percentiles.ts'
import { Reference, Verifier } from './verifier.ts'

/** Viewers whose messages are looked at, byte by byte; of the others the bytes are counted. */
const sample = 10
/** Joins in a second. */
const ramp = 100
/** What any viewer must have got of what the middle one has. */
const leastShare = 0.98

/** What is asked of the load. */
export interface ViewOptions {
  readonly url: string
  readonly name: string
  readonly pids: readonly number[]
  readonly viewers: number
  /** Seconds before the window. */
  readonly warmUp: number
  /** Seconds of the window. */
  readonly seconds: number
}

/** Many viewers over RTMP or over HTTP, by the same program, so that what they cost the server can be compared. */
export async function measureView({ url, name, pids, viewers, warmUp, seconds }: ViewOptions): Promise<object> {
  const reference = new Reference()
  const window = { isOpen: false, bytes: 0, latencies: [] as number[] }
  const verifiers = Array.from({ length: Math.min(sample, viewers) }, () => new Verifier(reference))
  const take = (verifier: Verifier) => (message: MediaMessage) => {
    const { messageTypeId, payload } = message
    if (messageTypeId !== MessageType.Audio && messageTypeId !== MessageType.Video) return
    const now = Number(process.hrtime.bigint()) / 1e6
    const kind = messageTypeId === MessageType.Audio ? 'audio' : 'video'
    const latency = verifier.take(kind, Buffer.from(payload), now)
    if (!window.isOpen) return
    window.bytes += payload.length
    if (latency !== undefined) window.latencies.push(latency)
  }
  for (const verifier of verifiers) await watch(url, name, take(verifier))
  const bare: BareViewer[] = []
  for (let index = verifiers.length; index < viewers; index += 1) {
    bare.push(await BareViewer.play(url, name))
    await pause(1000 / ramp)
  }
  await pause(warmUp * 1000)
  const before = { cpu: cpuTime(pids), own: process.cpuUsage(), at: performance.now(), of: bare.map(one => one.bytes) }
  window.isOpen = true
  let peak = 0
  for (let second = 0; second < seconds; second += 1) {
    await pause(1000)
    peak = Math.max(peak, residentMemory(pids))
  }
  window.isOpen = false
  const cpu = cpuTime(pids) - before.cpu
  const own = process.cpuUsage(before.own)
  const took = performance.now() - before.at
  const got = bare.map(({ bytes }, index) => bytes - (before.of[index] ?? 0))
  const failures = failuresOf(verifiers, got, bare)
  // All get the same, and payload is what both ways have in common.
  const gigabits = ((window.bytes / verifiers.length) * viewers * 8) / 1e9
  return {
    ok: failures.length === 0,
    failures,
    cpu_ms_per_gbit: cpu / gigabits,
    server_cpu_pct: (cpu * 100) / took,
    delivered_mbps: (gigabits * 1e6) / took,
    latency_ms: percentiles(window.latencies),
    server_rss_mb: peak / 1e6,
    tool_cpu_pct: (own.user + own.system) / 10 / took,
  }
}

/** A viewer that reads all. */
async function watch(url: string, name: string, take: (message: MediaMessage) => void): Promise<void> {
  if (!url.startsWith('http')) {
    const stream = await (await connect(url, { proxy: false })).play(name)
    stream.on('data', take).on('error', () => {})
    return
  }
  const [response] = (await once(get(`${url}/${name}.flv`), 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`${url}/${name}.flv is answered ${response.statusCode}`)
  const demuxer = new FlvDemuxer()
  response.on('data', (bytes: Buffer) => demuxer.push(bytes, take)).on('error', () => {})
}

function failuresOf(verifiers: readonly Verifier[], got: readonly number[], bare: readonly BareViewer[]): string[] {
  const count = (of: (verifier: Verifier) => number) => verifiers.reduce((sum, verifier) => sum + of(verifier), 0)
  const middle = got.toSorted((one, other) => one - other)[Math.floor(got.length / 2)] ?? 0
  const found = {
    lost: count(({ lost }) => lost),
    corrupted: count(({ corrupted }) => corrupted),
    'viewers without a picture': count(({ firstPictureAt }) => (firstPictureAt === undefined ? 1 : 0)),
    'viewers that are gone': bare.filter(({ isOpen }) => !isOpen).length,
    'viewers that got less': got.filter(bytes => bytes === 0 || bytes < middle * leastShare).length,
  }
  return Object.entries(found)
    .filter(([, value]) => value > 0)
    .map(([what, value]) => `${what}: ${value}`)
}

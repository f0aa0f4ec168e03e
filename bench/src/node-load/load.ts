import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { connect, MessageType, type RtmpClient, type RtmpMessage } from 'rtmpipe'
import { percentiles } from './percentiles.ts'
import { cpuTime, residentMemory } from './process-figures.ts'
import { Reference, Verifier } from './verifier.ts'
import { measureHls } from './hls.ts'
import { measureView } from './view.ts'

/** Load by our own client, in a process of its own: see node-load.ts. Writes a line of JSON. */

/** Sessions opened at a time, as each asks for work of the server's that is not limited otherwise. */
const atOnce = 2
/** Connected before the server's figures count: it compiles what it runs often. */
const warmSessions = 100

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: '' },
    name: { type: 'string', default: '' },
    pid: { type: 'string', default: '' },
    sessions: { type: 'string', default: '300' },
    players: { type: 'string', default: '50' },
    'warm-up': { type: 'string', default: '10' },
    seconds: { type: 'string', default: '15' },
  },
})
const { url, name } = values
const pids = values.pid.split(',').map(Number)
const players = Number(values.players)

const report = await measure(positionals[0])
process.stdout.write(`${JSON.stringify(report)}\n`)
process.exit()

function measure(mode: string | undefined): Promise<object> {
  if (mode === 'connect') return measureConnect(Number(values.sessions))
  if (mode !== 'view' && mode !== 'hls') return measurePlay()
  return (mode === 'hls' ? measureHls : measureView)({
    url,
    name,
    pids,
    viewers: players,
    warmUp: Number(values['warm-up']),
    seconds: Number(values.seconds),
  })
}

/** What it takes to let somebody in, and out. */
async function measureConnect(sessions: number): Promise<object> {
  await connectMany(warmSessions)
  const before = cpuTime(pids)
  await connectMany(sessions)
  return { ok: true, cpu_ms_per_connect: (cpuTime(pids) - before) / sessions }
}

async function connectMany(count: number): Promise<void> {
  let left = count
  const lane = async () => {
    for (; left > 0; left -= 1) await (await connect(url, { proxy: false })).close()
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

/** A player, and what is wrong with what it gets. */
interface Player {
  readonly client: RtmpClient
  readonly verifier: Verifier
  readonly startedAt: number
}

/** A fifth of the players come first: while they play, the server compiles what it runs often. */
async function measurePlay(): Promise<object> {
  const reference = new Reference()
  const window = { isOpen: false, bytes: 0, latencies: [] as number[] }
  const all: Player[] = []
  const join = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      all.push(await play(reference, window))
      await pause(1000 / 25)
    }
  }
  const first = Math.ceil(players / 5)
  await join(first)
  await pause((Number(values['warm-up']) * 1000) / 2)
  const memory = residentMemory(pids)
  await join(players - first)
  await pause((Number(values['warm-up']) * 1000) / 2)
  const before = { cpu: cpuTime(pids), own: process.cpuUsage(), at: performance.now() }
  window.isOpen = true
  let peak = 0
  for (let second = 0; second < Number(values.seconds); second += 1) {
    await pause(1000)
    peak = Math.max(peak, residentMemory(pids))
  }
  window.isOpen = false
  const own = process.cpuUsage(before.own)
  const took = performance.now() - before.at
  const gigabits = (window.bytes * 8) / 1e9
  const late = all
    .slice(first)
    .map(({ verifier, startedAt }) => (verifier.firstPictureAt ?? Number.POSITIVE_INFINITY) - startedAt)
  const failures = failuresOf(all)
  return {
    ok: failures.length === 0,
    failures,
    cpu_ms_per_gbit: (cpuTime(pids) - before.cpu) / gigabits,
    delivered_mbps: (gigabits * 1e6) / took,
    latency_ms: percentiles(window.latencies),
    first_media_ms: percentiles(late),
    server_rss_mb: peak / 1e6,
    rss_kb_per_player: (peak - memory) / 1e3 / (players - first),
    tool_cpu_pct: (own.user + own.system) / 10 / took,
  }
}

async function play(
  reference: Reference,
  window: { isOpen: boolean; bytes: number; latencies: number[] },
): Promise<Player> {
  const startedAt = performance.now()
  const verifier = new Verifier(reference)
  const client = await connect(url, { proxy: false })
  const stream = await client.play(name)
  stream.on('data', ({ messageTypeId, payload }: RtmpMessage) => {
    if (messageTypeId !== MessageType.Audio && messageTypeId !== MessageType.Video) return
    const now = Number(process.hrtime.bigint()) / 1e6
    const latency = verifier.take(messageTypeId === MessageType.Audio ? 'audio' : 'video', payload, now)
    if (!window.isOpen) return
    window.bytes += payload.length
    if (latency !== undefined) window.latencies.push(latency)
  })
  stream.on('error', () => {})
  return { client, verifier, startedAt }
}

function failuresOf(all: readonly Player[]): string[] {
  const count = (of: (player: Player) => number) => all.reduce((sum, player) => sum + of(player), 0)
  const found = {
    lost: count(({ verifier }) => verifier.lost),
    corrupted: count(({ verifier }) => verifier.corrupted),
    'players without a picture': count(({ verifier }) => (verifier.firstPictureAt === undefined ? 1 : 0)),
  }
  return Object.entries(found)
    .filter(([, value]) => value > 0)
    .map(([what, value]) => `${what}: ${value}`)
}

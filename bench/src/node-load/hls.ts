import { setTimeout as pause } from 'node:timers/promises'
import { HlsViewer, type PartWatch } from './hls-viewer.ts'
import { percentiles } from './percentiles.ts'
import { cpuTime, residentMemory } from './process-figures.ts'
import type { ViewOptions } from './view.ts'

/** Joins in a second. */
const ramp = 100
/** What any viewer must have got of what the middle one has. */
const leastShare = 0.9

/** Many viewers of low-latency HLS, see {@link HlsViewer}. A part counts as cut when the first of them hears of it. */
export async function measureHls({ url, name, pids, viewers, warmUp, seconds }: ViewOptions): Promise<object> {
  const cuts = new Map<string, number>()
  const window = { isOpen: false, bytes: 0, latencies: [] as number[] }
  const parts: PartWatch = {
    named: part => void (cuts.has(part) || cuts.set(part, performance.now())),
    came(part, bytes) {
      if (!window.isOpen) return
      window.bytes += bytes
      window.latencies.push(performance.now() - (cuts.get(part) ?? 0))
    },
  }
  const all: HlsViewer[] = []
  for (let index = 0; index < viewers; index += 1) {
    const viewer = new HlsViewer(url, name, parts)
    all.push(viewer)
    void viewer.watch()
    await pause(1000 / ramp)
  }
  await pause(warmUp * 1000)
  const before = { cpu: cpuTime(pids), own: process.cpuUsage(), at: performance.now(), of: all.map(one => one.parts) }
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
  const got = all.map((one, index) => one.parts - (before.of[index] ?? 0))
  const middle = got.toSorted((one, other) => one - other)[Math.floor(got.length / 2)] ?? 0
  const found = {
    'viewers that are gone': all.filter(({ isOpen }) => !isOpen).length,
    'viewers that got less': got.filter(count => count === 0 || count < middle * leastShare).length,
  }
  const failures = Object.entries(found).flatMap(([what, value]) => (value > 0 ? [`${what}: ${value}`] : []))
  const gigabits = (window.bytes * 8) / 1e9
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

import { mergedCluster } from './cluster.ts'
import type { ServerReport, StreamReport, TrafficReport } from './report.ts'

/** One report of several processes. @param streams of all of them, merged */
export function mergedServer(all: readonly ServerReport[], streams: readonly StreamReport[]): ServerReport {
  const [first] = all
  if (first === undefined) throw new RangeError('no process has reported')
  const sum = (count: (report: ServerReport) => number) => all.reduce((total, report) => total + count(report), 0)
  const cluster = mergedCluster(all.flatMap(({ cluster }) => cluster ?? []))
  return {
    version: first.version,
    node: first.node,
    since: all.map(({ since }) => since).sort()[0] ?? first.since,
    isDraining: all.some(({ isDraining }) => isDraining),
    processes: all.flatMap(({ processes }) => processes).sort((one, other) => (one.worker ?? 0) - (other.worker ?? 0)),
    connections: sum(({ connections }) => connections),
    publishers: sum(({ publishers }) => publishers),
    players: sum(({ players }) => players),
    streams: streams.filter(({ isLive }) => isLive).length,
    traffic: mergedTraffic(all.flatMap(({ traffic }) => traffic)),
    ...(cluster && { cluster }),
  }
}

function mergedTraffic(all: readonly TrafficReport[]): readonly TrafficReport[] {
  const sums = new Map<string, TrafficReport>()
  for (const { transport, accepted, received, sent } of all) {
    const before = sums.get(transport) ?? { transport, accepted: 0, received: 0, sent: 0 }
    sums.set(transport, {
      transport,
      accepted: before.accepted + accepted,
      received: before.received + received,
      sent: before.sent + sent,
    })
  }
  return [...sums.values()]
}

/** A stream is in the process of its publisher and in those that take it from there: one report of each, with all viewers. */
export function mergedStreams(all: readonly StreamReport[]): readonly StreamReport[] {
  const byId = new Map<string, StreamReport[]>()
  for (const stream of all) {
    const same = byId.get(stream.id)
    if (same === undefined) byId.set(stream.id, [stream])
    else same.push(stream)
  }
  return [...byId.values()].map(same => {
    const [home] = same.sort((one, other) => rank(other) - rank(one))
    if (home === undefined || same.length === 1) return same[0] as StreamReport
    return {
      ...home,
      isLive: same.some(({ isLive }) => isLive),
      viewers: same.reduce((total, { viewers }) => total + viewers, 0),
      sent: same.reduce((total, { sent }) => total + sent, 0),
      recordings: same.flatMap(({ recordings }) => recordings),
      relays: same.flatMap(({ relays }) => relays),
    }
  })
}

/** Where a stream is at home: with its publisher, or with what fetches it from elsewhere. */
function rank({ publisher, relays, isPublishing }: StreamReport): number {
  return (publisher !== undefined ? 4 : 0) + (relays.length > 0 ? 2 : 0) + (isPublishing ? 1 : 0)
}

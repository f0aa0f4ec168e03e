import { setTimeout as pause } from 'node:timers/promises'
import { cpuTime } from '../node-load/process-figures.ts'
import type { Progress } from '../progress.ts'
import type { Group, Row } from '../results.ts'
import { TemporaryFolder } from '../servers/temporary-folder.ts'
import type { EdgeAnswer, OriginAnswer } from './answers.ts'
import { ClusterNode, type NodeKind } from './cluster-node.ts'
import { now, streams } from './load.ts'
import { findNatsServer, startNatsServer } from './nats-server.ts'

/** Name of the group of figures. */
export const clusterGroup = 'cluster'
/** Edges of each row. */
const edgeCounts = [1, 4] as const
/** Who sends and takes. */
const kinds = [
  { name: '', origin: 'origin', edge: 'edge', isReference: false },
  // What it costs to carry the same without being a cluster.
  { name: 'client library, ', origin: 'bare-origin', edge: 'bare-edge', isReference: true },
] as const satisfies { name: string; origin: NodeKind; edge: NodeKind; isReference: boolean }[]
type Kind = (typeof kinds)[number]
/** Seconds for what is run often to be compiled, and for everything to begin. */
const warmUp = 5
const overhead = 5

/** Seconds that all rounds take. */
export function clusterSeconds(seconds: number, rounds: number): number {
  return rounds * kinds.length * ((edgeCounts.length + 1) * (warmUp + seconds) + overhead)
}

/**
 * What it costs to bring streams from one node to others, all on this machine: the publishers' node, the players' nodes
 * without players, and the nats-server between them.
 *
 * @throws Error where there is no nats-server
 */
export async function measureCluster(seconds: number, rounds: number, progress: Progress): Promise<Group> {
  const file = findNatsServer()
  if (file === undefined) throw new Error('there is no nats-server on the PATH or in NATS_SERVER')
  const rows = kinds.flatMap(kind =>
    edgeCounts.map(
      (count): Row => ({ name: nameOf(kind, count), reference: kind.isReference, figures: {}, failures: [] }),
    ),
  )
  for (let round = 1; round <= rounds; round += 1) {
    progress.start(`${clusterGroup} · round ${round} of ${rounds}`, clusterSeconds(seconds, 1))
    const outcomes: Outcome[] = []
    for (const kind of kinds) outcomes.push(...(await measureRound(file, kind, seconds)))
    for (const [index, { failures, figures }] of outcomes.entries()) {
      const row = rows[index] as Row
      row.failures.push(...failures)
      for (const [key, value] of Object.entries(figures)) (row.figures[key] ??= []).push(value)
    }
    progress.finish(`${streams} streams`)
  }
  return {
    name: clusterGroup,
    title: `${streams} streams × 2.6 Mbit/s from one node to others over NATS; CPU in ms per Gbit`,
    columns: [
      { key: 'origin', title: 'origin, of what comes in', better: 'less' },
      { key: 'edge', title: 'edge', better: 'less' },
      { key: 'nats', title: 'nats-server, of what goes out', better: 'less' },
      { key: 'p50', title: 'p50 ms', better: 'less' },
      { key: 'p99', title: 'p99 ms', better: 'less' },
      { key: 'p999', title: 'p99.9 ms', better: 'less' },
      { key: 'mbps', title: 'Mbit/s to each' },
    ],
    rows,
  }
}

function nameOf({ name }: Kind, edges: number): string {
  return `${name}${edges} ${edges === 1 ? 'edge' : 'edges'}`
}

interface Outcome {
  readonly figures: Readonly<Record<string, number>>
  readonly failures: readonly string[]
}

/** In the order of {@link edgeCounts}. */
async function measureRound(file: string, kind: Kind, seconds: number): Promise<Outcome[]> {
  using folder = new TemporaryFolder()
  const { url, child } = await startNatsServer(file, folder)
  await using _ = child
  using origin = await ClusterNode.start<OriginAnswer>(kind.origin, url)
  const edges: ClusterNode<EdgeAnswer>[] = []
  try {
    // What it takes to make the streams, which nobody has joined.
    await pause(1_000 * warmUp)
    const made = await measureWindow(origin, [], child.pid, seconds)
    const ownCost = made.originCpu / made.gigabitsIn
    const outcomes: Outcome[] = []
    for (const count of edgeCounts) {
      while (edges.length < count) edges.push(await ClusterNode.start<EdgeAnswer>(kind.edge, url))
      await pause(1_000 * warmUp)
      outcomes.push(outcome(await measureWindow(origin, edges, child.pid, seconds), count, ownCost))
    }
    return outcomes
  } finally {
    for (const edge of edges) edge[Symbol.dispose]()
  }
}

interface Window {
  readonly milliseconds: number
  readonly gigabitsIn: number
  readonly gigabitsOut: number
  readonly originCpu: number
  readonly edgeCpu: number
  readonly natsCpu: number
  readonly latencies: readonly number[]
  readonly failures: readonly string[]
}

async function measureWindow(
  origin: ClusterNode<OriginAnswer>,
  edges: readonly ClusterNode<EdgeAnswer>[],
  nats: number,
  seconds: number,
): Promise<Window> {
  const before = await Promise.all(edges.map(edge => edge.ask()))
  await origin.ask()
  const pids = edges.map(({ pid }) => pid)
  const [from, ofOrigin, ofEdges, ofNats] = [now(), cpuTime([origin.pid]), cpuTime(pids), cpuTime([nats])]
  await pause(1_000 * seconds)
  const milliseconds = now() - from
  const cpu = { originCpu: cpuTime([origin.pid]) - ofOrigin, edgeCpu: cpuTime(pids) - ofEdges }
  const natsCpu = cpuTime([nats]) - ofNats
  const { bytes } = await origin.ask()
  const answers = await Promise.all(edges.map(edge => edge.ask()))
  const failures = answers.flatMap(({ faults, streams: heard }, index) => [
    ...(heard < streams ? [`edge ${index}: ${heard} streams of ${streams}`] : []),
    ...(faults > (before[index]?.faults ?? 0) ? [`edge ${index}: ${faults} times something was missing`] : []),
  ])
  return {
    milliseconds,
    ...cpu,
    natsCpu,
    gigabitsIn: gigabits(bytes),
    gigabitsOut: gigabits(answers.reduce((sum, answer) => sum + answer.bytes, 0)),
    latencies: answers.flatMap(answer => answer.latencies),
    failures,
  }
}

function outcome(window: Window, edges: number, ownCost: number): Outcome {
  const { originCpu, edgeCpu, natsCpu, gigabitsIn, gigabitsOut, latencies, milliseconds, failures } = window
  const sorted = latencies.toSorted((a, b) => a - b)
  const late = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return {
    failures,
    figures: {
      origin: originCpu / gigabitsIn - ownCost,
      edge: edgeCpu / gigabitsOut,
      nats: natsCpu / gigabitsOut,
      p50: late(0.5),
      p99: late(0.99),
      p999: late(0.999),
      mbps: (1e6 * gigabitsOut) / edges / milliseconds,
    },
  }
}

function gigabits(bytes: number): number {
  return (8 * bytes) / 1e9
}

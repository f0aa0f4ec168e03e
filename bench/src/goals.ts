import { figureOf, type Results, rowOf } from './results.ts'
import { number } from './table.ts'

/** One promise about performance. */
interface Goal {
  readonly number: number
  readonly text: string
  /** What was measured; undefined when it was not. */
  readonly value: (results: Results) => number | undefined
  readonly atMost?: number
  readonly atLeast?: number
  /** Of a goal in absolute time: a server that was measured where the goal was set as well. */
  readonly yardstick?: Yardstick
}

/** What the same server took where the goals were set, and takes here, in the same run as what is judged. */
interface Yardstick {
  readonly there: number
  readonly here: (results: Results) => number | undefined
}

export interface Verdict {
  readonly goal: Goal
  readonly value: number | undefined
  readonly met: boolean | undefined
  /** The value as it would be where the goals were set, by the yardstick. */
  readonly there: number | undefined
  readonly metThere: boolean | undefined
}

/**
 * SRS and crtmpserver are not installed where this runs. Measured beside servers that are, SRS with its merged writes took
 * 35-48 ms/Gbit when nginx-rtmp took 143-201, and crtmpserver 3,800 ms/Gbit over RTMPT when floor-server took 634.
 */
const srsByNginx = 0.24
const crtmpserverByFloor = 6
/** 0.35 ms per session was set where Node-Media-Server took 1.25. */
const connectByNodeMediaServer = 0.28

/** CPU in ms per Gbit, and per session; the middle of what was measured in two rounds. */
const relayYardstick: Yardstick = { there: 131, here: of('relay', 'floor-server', 'cpu') }
/** Of the client library of NATS alone, and of the server between. */
const bareEdge = 'client library, 1 edge'
const originYardstick: Yardstick = { there: 101, here: of('cluster', bareEdge, 'origin') }
const edgeYardstick: Yardstick = { there: 137, here: of('cluster', bareEdge, 'edge') }
const natsYardstick: Yardstick = { there: 226, here: of('cluster', bareEdge, 'nats') }
const connectYardstick: Yardstick = { there: 1.25, here: of('connect', 'Node-Media-Server', 'cpu') }

const goals: readonly Goal[] = [
  { number: 1, text: 'relay: CPU by nginx-rtmp', value: by('relay', 'rtmpipe', 'nginx-rtmp', 'cpu'), atMost: 0.75 },
  { number: 1, text: 'relay: p99 ms', value: of('relay', 'rtmpipe', 'p99'), atMost: 25, yardstick: relayYardstick },
  { number: 1, text: 'relay: p99.9 ms', value: of('relay', 'rtmpipe', 'p999'), atMost: 40, yardstick: relayYardstick },
  {
    number: 2,
    text: 'relay, window 0: CPU by floor-server',
    value: by('relay', 'rtmpipe --merge-window 0', 'floor-server', 'cpu'),
    atMost: 1.2,
  },
  {
    number: 2,
    text: 'relay, window 0: p99 by floor-server',
    value: by('relay', 'rtmpipe --merge-window 0', 'floor-server', 'p99'),
    atMost: 1.5,
  },
  {
    number: 3,
    text: 'relay, window 350: CPU by nginx-rtmp (as SRS)',
    value: by('relay', 'rtmpipe --merge-window 350', 'nginx-rtmp', 'cpu'),
    atMost: srsByNginx,
  },
  {
    number: 4,
    text: 'flood, 200 bytes: messages/s by nginx-rtmp',
    value: by('flood-200', 'rtmpipe', 'nginx-rtmp', 'messages'),
    atLeast: 4,
  },
  {
    number: 4,
    text: 'flood, 16 KB: Mbit/s by nginx-rtmp',
    value: by('flood-16k', 'rtmpipe', 'nginx-rtmp', 'mbps'),
    atLeast: 1,
  },
  { number: 5, text: 'idle: KB/session', value: of('idle', 'rtmpipe', 'memory'), atMost: 15 },
  {
    number: 5,
    text: 'connect: CPU ms/session',
    value: of('connect', 'rtmpipe', 'cpu'),
    atMost: 0.35,
    yardstick: connectYardstick,
  },
  {
    number: 5,
    text: 'connect: CPU by Node-Media-Server',
    value: by('connect', 'rtmpipe', 'Node-Media-Server', 'cpu'),
    atMost: connectByNodeMediaServer,
  },
  {
    number: 5,
    text: 'connect: set-up p50 ms',
    value: of('connect', 'rtmpipe', 'p50'),
    atMost: 5,
    yardstick: connectYardstick,
  },
  { number: 6, text: '1,000 players: runs with a loss', value: failures('players-1000', 'rtmpipe'), atMost: 0 },
  { number: 6, text: '1,000 players: RSS MB', value: of('players-1000', 'rtmpipe', 'rss'), atMost: 150 },
  {
    number: 6,
    text: '1,000 players: CPU/Gbit by that of 100',
    value: growth('players-1000', 'players-100'),
    atMost: 1.1,
  },
  { number: 6, text: '200 streams × 5: runs with a loss', value: failures('relay-200x5', 'rtmpipe'), atMost: 0 },
  { number: 6, text: '200 streams × 5: RSS MB', value: of('relay-200x5', 'rtmpipe', 'rss'), atMost: 150 },
  {
    number: 6,
    text: '200 streams × 5: CPU/Gbit by that of 20',
    value: growth('relay-200x5', 'relay-20x5'),
    atMost: 1.1,
  },
  { number: 6, text: 'late: first picture p50 ms', value: of('late', 'rtmpipe', 'p50'), atMost: 100 },
  {
    number: 7,
    text: 'demux, 4,096-byte chunks: MB/s',
    value: of('demux', 'rtmpipe · 4,096-byte chunks', 'read64k'),
    atLeast: 2000,
  },
  {
    number: 7,
    text: 'demux, 128-byte chunks: MB/s',
    value: of('demux', 'rtmpipe · 128-byte chunks', 'read64k'),
    atLeast: 500,
  },
  {
    number: 7,
    text: 'demux, 4,096-byte chunks: by Node-Media-Server',
    value: demuxRatio('4,096-byte chunks'),
    atLeast: 3,
  },
  { number: 7, text: 'demux, 128-byte chunks: by Node-Media-Server', value: demuxRatio('128-byte chunks'), atLeast: 3 },
  { number: 7, text: '500 publishers: runs with a loss', value: failures('relay-500x1', 'rtmpipe'), atMost: 0 },
  {
    number: 8,
    text: 'RTMPT: CPU by floor-server (0.4 × crtmpserver)',
    value: by('rtmpt', 'rtmpipe', 'floor-server', 'cpu'),
    atMost: 0.4 * crtmpserverByFloor,
  },
  // Both wait for the merge window.
  { number: 8, text: 'RTMPT: p50 ms more than RTMP', value: laterThanRtmp('rtmpt'), atMost: 3 },
  { number: 8, text: 'RTMPT, 50 players: CPU by RTMP', value: byRtmp('rtmpt'), atMost: 2 },
  { number: 8, text: 'RTMPTS, 50 players: CPU by RTMP', value: byRtmp('rtmpts'), atMost: 2.4 },
  { number: 8, text: 'RTMPT, added p50 ms', value: of('tunnel', 'rtmpipe, RTMPT', 'p50'), atMost: 1 },
  { number: 8, text: 'RTMPT, added p99 ms', value: of('tunnel', 'rtmpipe, RTMPT', 'p99'), atMost: 15 },
  {
    number: 8,
    text: 'RTMPT, nginx, added p50 ms',
    value: of('tunnel', 'rtmpipe, RTMPT, nginx', 'p50'),
    atMost: 3,
  },
  { number: 8, text: 'RTMPT, ffmpeg, added p50 ms', value: of('tunnel', 'ffmpeg, RTMPT', 'p50'), atMost: 3 },
  {
    number: 8,
    text: 'RTMPT, ffmpeg, nginx, added p50 ms',
    value: of('tunnel', 'ffmpeg, RTMPT, nginx', 'p50'),
    atMost: 3,
  },
  { number: 8, text: 'RTMPT, requests/s', value: of('tunnel', 'rtmpipe, RTMPT', 'requests'), atMost: 50 },
  { number: 8, text: 'RTMPT, idle requests/s', value: of('tunnel', 'rtmpipe, RTMPT', 'idle'), atMost: 4 },
  { number: 8, text: 'RTMPT, wire by payload', value: of('tunnel', 'rtmpipe, RTMPT', 'wire'), atMost: 1.15 },
  { number: 9, text: 'creep: last p50 by first', value: creep, atMost: 1.1 },
  { number: 10, text: '20 streams × 5: CPU by nginx-rtmp', value: byNginx('relay-20x5'), atMost: 1.15 },
  { number: 10, text: '100 streams × 1: CPU by nginx-rtmp', value: byNginx('relay-100x1'), atMost: 1.25 },
  { number: 10, text: '200 streams × 5: CPU by nginx-rtmp', value: byNginx('relay-200x5'), atMost: 0.9 },
  { number: 10, text: '500 publishers × 1: CPU by nginx-rtmp', value: byNginx('relay-500x1'), atMost: 1 },
  { number: 10, text: '100 streams × 1: CPU by plain sockets', value: byPlainSockets('relay-100x1'), atMost: 1.15 },
  { number: 10, text: '20 streams × 5: CPU by plain sockets', value: byPlainSockets('relay-20x5'), atMost: 1.15 },
  { number: 10, text: '200 streams × 5: CPU by plain sockets', value: byPlainSockets('relay-200x5'), atMost: 1.15 },
  { number: 10, text: '500 publishers × 1: CPU by plain sockets', value: byPlainSockets('relay-500x1'), atMost: 1.15 },
  { number: 10, text: '100 streams × 1: p99 ms', value: of('relay-100x1', 'rtmpipe', 'p99'), atMost: 30 },
  { number: 10, text: '200 streams × 5: p99 ms', value: of('relay-200x5', 'rtmpipe', 'p99'), atMost: 60 },
  { number: 10, text: '100 streams × 1: RSS MB', value: of('relay-100x1', 'rtmpipe', 'rss'), atMost: 130 },
  { number: 10, text: '100 streams × 1: full GCs in 10 s', value: of('relay-100x1', 'rtmpipe', 'full'), atMost: 2 },
  { number: 10, text: '100 streams × 1: GC, % of CPU', value: of('relay-100x1', 'rtmpipe', 'gc'), atMost: 5 },
  { number: 10, text: '2,000 players: runs with a loss', value: failures('players-2000', 'rtmpipe'), atMost: 0 },
  { number: 10, text: '2,000 players: CPU, % of a core', value: of('players-2000', 'rtmpipe', 'core'), atMost: 100 },
  { number: 10, text: '1,000 players: two workers by one, of the same CPU each', value: twoWorkers, atLeast: 1.6 },
  { number: 10, text: 'relay: CPU by nginx-rtmp', value: byNginx('relay'), atMost: 0.6 },
  {
    number: 10,
    text: 'relay, window 0: CPU by floor-server',
    value: by('relay', 'rtmpipe --merge-window 0', 'floor-server', 'cpu'),
    atMost: 1.25,
  },
  { number: 10, text: 'relay: RSS MB', value: of('relay', 'rtmpipe', 'rss'), atMost: 100 },
  { number: 10, text: '200 streams × 5: RSS MB', value: of('relay-200x5', 'rtmpipe', 'rss'), atMost: 180 },
  { number: 11, text: 'memory: kinds that grow', value: failures('memory', 'rtmpipe'), atMost: 0 },
  { number: 12, text: '1,000 players: CPU for looking, %', value: of('observed', 'rtmpipe', 'observed'), atMost: 2 },
  { number: 13, text: 'RTMFP, 50 players: CPU ms/Gbit', value: of('rtmfp-50', 'rtmpipe', 'cpu'), atMost: 4_500 },
  { number: 13, text: 'RTMFP, 50 players: p50 ms', value: of('rtmfp-50', 'rtmpipe', 'p50'), atMost: 5 },
  { number: 13, text: 'RTMFP, 50 players: p99 ms', value: of('rtmfp-50', 'rtmpipe', 'p99'), atMost: 30 },
  { number: 13, text: 'RTMFP: CPU ms/connect', value: of('rtmfp-50', 'rtmpipe', 'connect'), atMost: 3 },
  { number: 13, text: 'RTMFP, 50 players: RSS KB/player', value: of('rtmfp-50', 'rtmpipe', 'memory'), atMost: 150 },
  { number: 13, text: 'RTMFP: first picture p50 ms', value: of('rtmfp-50', 'rtmpipe', 'first'), atMost: 150 },
  { number: 14, text: 'HTTP-FLV, 500 viewers: CPU by RTMP', value: flvByRtmp, atMost: 1.1 },
  { number: 14, text: 'HLS, 500 viewers: CPU by RTMP', value: hlsByRtmp, atMost: 2 },
  {
    number: 14,
    text: 'HLS, 500 viewers: part p99 ms',
    value: of('hls-500', 'rtmpipe --http-flv --hls', 'p99'),
    atMost: 250,
  },
  {
    number: 15,
    text: 'cluster, 1 edge: origin CPU ms/Gbit',
    value: of('cluster', '1 edge', 'origin'),
    atMost: 130,
    yardstick: originYardstick,
  },
  {
    number: 15,
    text: 'cluster, 4 edges: origin CPU ms/Gbit',
    value: of('cluster', '4 edges', 'origin'),
    atMost: 130,
    yardstick: originYardstick,
  },
  { number: 15, text: 'cluster: origin CPU of 4 edges by that of 1', value: originGrowth, atMost: 1.15 },
  {
    number: 15,
    text: 'cluster, 1 edge: edge CPU ms/Gbit',
    value: of('cluster', '1 edge', 'edge'),
    atMost: 170,
    yardstick: edgeYardstick,
  },
  {
    number: 15,
    text: 'cluster, 1 edge: nats-server CPU ms/Gbit',
    value: of('cluster', '1 edge', 'nats'),
    atMost: 250,
    yardstick: natsYardstick,
  },
  {
    number: 15,
    text: 'cluster, 4 edges: nats-server CPU ms/Gbit',
    value: of('cluster', '4 edges', 'nats'),
    atMost: 100,
  },
  { number: 15, text: 'cluster, 1 edge: p50 ms', value: of('cluster', '1 edge', 'p50'), atMost: 1 },
  { number: 15, text: 'cluster, 1 edge: p99 ms', value: of('cluster', '1 edge', 'p99'), atMost: 5 },
  { number: 15, text: 'cluster, 1 edge: p99.9 ms', value: of('cluster', '1 edge', 'p999'), atMost: 15 },
]

export function verdicts(results: Results): Verdict[] {
  return goals.map(goal => {
    const value = goal.value(results)
    const slowness = ratio(goal.yardstick?.here(results), goal.yardstick?.there)
    const there = ratio(value, slowness)
    return { goal, value, met: meets(goal, value), there, metThere: meets(goal, there) }
  })
}

/** What costs less than the noise can come out below zero. */
function meets({ atMost = Infinity, atLeast = -Infinity }: Goal, value: number | undefined): boolean | undefined {
  return value === undefined ? undefined : value <= atMost && value >= atLeast
}

/** One line per goal that was measured. */
export function goalLines(results: Results): string[] {
  return verdicts(results)
    .filter(({ met }) => met !== undefined)
    .map(
      verdict =>
        `goal ${verdict.goal.number}  ${verdict.met ? 'met    ' : 'NOT MET'}  ${verdict.goal.text}: ${sentence(verdict)}${scaled(verdict)}`,
    )
}

function scaled({ there, metThere }: Verdict): string {
  return there === undefined ? '' : `; where the goal was set ${number(there)}, ${metThere ? 'met' : 'NOT MET'}`
}

/** `0.71 (≤ 0.75)` */
export function sentence({ goal: { atMost, atLeast }, value }: Verdict): string {
  const limit = atMost === undefined ? `≥ ${number(atLeast ?? 0)}` : `≤ ${number(atMost)}`
  return value === undefined ? 'not measured' : `${number(value)} (${limit})`
}

function of(group: string, row: string, key: string): Goal['value'] {
  return results => figureOf(results, group, row, key)
}

function by(group: string, row: string, reference: string, key: string): Goal['value'] {
  return results => ratio(figureOf(results, group, row, key), figureOf(results, group, reference, key))
}

function byNginx(group: string): Goal['value'] {
  return by(group, 'rtmpipe', 'nginx-rtmp', 'cpu')
}

function byPlainSockets(group: string): Goal['value'] {
  return by(group, 'rtmpipe', 'plain sockets --merge-window 20', 'cpu')
}

function byRtmp(group: string): Goal['value'] {
  return results => ratio(figureOf(results, group, 'rtmpipe', 'cpu'), figureOf(results, 'rtmp-50', 'rtmpipe', 'cpu'))
}

const viewers = 'rtmpipe --http-flv --hls'

function flvByRtmp(results: Results): number | undefined {
  const [flv, rtmp] = ['http-flv-500', 'rtmp-500'].map(group => figureOf(results, group, viewers, 'cpu'))
  return ratio(flv, rtmp)
}

function hlsByRtmp(results: Results): number | undefined {
  const [hls, rtmp] = ['hls-500', 'rtmp-500'].map(group => figureOf(results, group, viewers, 'cpu'))
  return ratio(hls, rtmp)
}

function laterThanRtmp(group: string): Goal['value'] {
  return results => {
    const [here, there] = [figureOf(results, group, 'rtmpipe', 'p50'), figureOf(results, 'rtmp-50', 'rtmpipe', 'p50')]
    return here === undefined || there === undefined ? undefined : here - there
  }
}

/** What two workers deliver with a core each, by what one does with its own. */
function twoWorkers(results: Results): number | undefined {
  const two = by('players-1000', 'rtmpipe', 'rtmpipe --workers 2', 'cpu')(results)
  return two === undefined ? undefined : 2 * two
}

function originGrowth(results: Results): number | undefined {
  return ratio(figureOf(results, 'cluster', '4 edges', 'origin'), figureOf(results, 'cluster', '1 edge', 'origin'))
}

function growth(many: string, few: string): Goal['value'] {
  return results => ratio(figureOf(results, many, 'rtmpipe', 'cpu'), figureOf(results, few, 'rtmpipe', 'cpu'))
}

/** Over the three ways to cut the bytes, the worst. */
function demuxRatio(chunks: string): Goal['value'] {
  return results => {
    const ratios = ['whole', 'read64k', 'read1460'].map(key =>
      by('demux', `rtmpipe · ${chunks}`, `Node-Media-Server · ${chunks}`, key)(results),
    )
    return ratios.includes(undefined) ? undefined : Math.min(...(ratios as number[]))
  }
}

function failures(group: string, row: string): Goal['value'] {
  return results => rowOf(results, group, row)?.failures.length
}

function creep(results: Results): number | undefined {
  return ratio(figureOf(results, 'creep', 'rtmpipe', 'last'), figureOf(results, 'creep', 'rtmpipe', 'first'))
}

function ratio(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || base === undefined || base === 0 ? undefined : value / base
}

import type { CodecReport, PlayerReport, ServerReport, StreamReport } from '@rtmpipe/http/client'
import { harmless } from '@rtmpipe/net'
import { blanks, columnsOf, cut } from './columns.ts'
import { counted } from './counted.ts'
import { codecName, durationText, sizeText } from '../serve/line-text.ts'

/** What `rtmpipe status` shows. */
export interface Snapshot {
  readonly server: ServerReport
  readonly streams: readonly StreamReport[]
  readonly players: readonly PlayerReport[]
}

const columns = ['STREAM', 'UP', 'BIT RATE', 'VIEWERS', 'SLOW', 'LAG', 'DROPS', 'MEDIA'] as const
/** The least of the first column, and of the last one. */
const narrow = { stream: 8, media: 12 }
const gap = '  '

/** Lines that fit into so many columns of a terminal: the server, and a line for each stream. */
export function statusTable({ server, streams, players }: Snapshot, width: number, now: Date): readonly string[] {
  const head = serverLines(server, now).map(line => cut(line, width))
  if (streams.length === 0) return [...head, '', 'no streams']
  const viewers = group(players)
  const rows = streams.map(stream => cells(stream, viewers.get(stream.id) ?? [], now))
  return [...head, '', ...aligned([columns, ...rows], width)]
}

function serverLines(
  { version, since, isDraining, processes, traffic, cluster, ...counts }: ServerReport,
  now: Date,
): string[] {
  const { connections, publishers, players } = counts
  const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0)
  const cpu = Math.round(sum(processes.map(each => each.cpu)) * 100)
  const delay = Math.max(...processes.map(({ eventLoopDelay }) => eventLoopDelay), 0)
  return [
    [
      `rtmpipe ${version}`,
      `up ${durationText(now.getTime() - Date.parse(since))}`,
      counted(connections, 'connection'),
      counted(publishers, 'publisher'),
      counted(players, 'viewer'),
      isDraining ? 'draining' : '',
    ],
    [
      `in ${sizeText(sum(traffic.map(({ received }) => received)))}`,
      `out ${sizeText(sum(traffic.map(({ sent }) => sent)))}`,
      `cpu ${cpu} %`,
      `memory ${sizeText(sum(processes.map(({ rss }) => rss)))}`,
      `delay ${delay.toFixed(1)} ms`,
      cluster === undefined ? '' : `NATS ${cluster.connected} of ${cluster.connections}`,
      processes.length > 1 ? `${processes.length} processes` : '',
    ],
  ].map(words => words.filter(word => word !== '').join(', '))
}

function group(players: readonly PlayerReport[]): Map<string, PlayerReport[]> {
  const groups = new Map<string, PlayerReport[]>()
  for (const player of players) {
    if (player.stream === undefined) continue
    const known = groups.get(player.stream)
    if (known === undefined) groups.set(player.stream, [player])
    else known.push(player)
  }
  return groups
}

function cells(stream: StreamReport, players: readonly PlayerReport[], now: Date): readonly string[] {
  const { id, since, bitRate, viewers, codecs, isPublishing } = stream
  return [
    harmless(id),
    since === undefined ? '' : durationText(Math.max(0, now.getTime() - Date.parse(since))),
    isPublishing ? rateText(bitRate) : 'off air',
    String(viewers),
    String(players.filter(({ isSlow }) => isSlow).length),
    `${Math.round(players.reduce((most, { lag }) => Math.max(most, lag.duration), 0))} ms`,
    String(players.reduce((all, { dropped }) => all + dropped, 0)),
    harmless(codecs.map(mediaText).join('+')),
  ]
}

/** `720p30 H.264`, `AAC`. */
function mediaText({ codec, height, frameRate }: CodecReport): string {
  const size = height === undefined ? '' : `${height}p${frameRate === undefined ? '' : Math.round(frameRate)} `
  return size + codecName(codec)
}

function rateText(bitsPerSecond: number): string {
  if (bitsPerSecond < 1e6) return `${(bitsPerSecond / 1e3).toFixed(0)} kbit/s`
  return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`
}

/** Numbers to the right, words to the left; the names of streams get what is left over. */
function aligned(rows: readonly (readonly string[])[], width: number): readonly string[] {
  const widths = columns.map((_, index) => Math.max(...rows.map(row => columnsOf(row[index] ?? ''))))
  const last = columns.length - 1
  const rest = widths.slice(1, last).reduce((all, one) => all + gap.length + one, 0) + gap.length
  const wanted = widths[0] ?? 0
  const first = Math.min(wanted, Math.max(narrow.stream, width - rest - Math.min(widths[last] ?? 0, narrow.media)))
  return rows.map(row => {
    const shown = row.map((cell, index) => {
      const shown = index === 0 ? cut(cell, first) : cell
      if (index === 0) return shown + blanks(shown, first)
      return index === last ? cell : blanks(cell, widths[index] ?? 0) + cell
    })
    return cut(shown.join(gap), width).trimEnd()
  })
}

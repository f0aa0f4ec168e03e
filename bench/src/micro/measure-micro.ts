import { Bench } from 'tinybench'
import type { Progress } from '../progress.ts'
import type { Group, Row } from '../results.ts'
import { number } from '../table.ts'
import { amfTasks } from './amf.ts'
import { demuxTasks } from './demux.ts'
import { fanOutTasks } from './fan-out.ts'
import { gateTasks } from './gates.ts'
import type { MicroTask } from './micro-task.ts'
import { muxTasks } from './mux.ts'
import { recordings } from './recording.ts'

/** The tables, without their rows. */
export const microGroups: readonly Omit<Group, 'rows'>[] = [
  {
    name: 'demux',
    title: 'chunks to messages, MB/s of what ffmpeg sent (2.5 Mbit/s) and of test fixtures (tiny pictures)',
    columns: [
      { key: 'whole', title: 'one buffer', better: 'more' },
      { key: 'read64k', title: '64 KiB reads', better: 'more' },
      { key: 'read1460', title: '1,460-byte reads', better: 'more' },
    ],
  },
  {
    name: 'mux',
    title: 'messages (2.5 Mbit/s) to chunks',
    columns: [
      { key: 'rate', title: 'MB/s', better: 'more' },
      { key: 'cost', title: 'ns/message', better: 'less' },
    ],
  },
  {
    name: 'amf',
    title: 'AMF0',
    columns: [
      { key: 'decode', title: 'decode ns', better: 'less' },
      { key: 'encode', title: 'encode ns', better: 'less' },
    ],
  },
  {
    name: 'fan-out',
    title: 'one message to 300 players, without sockets',
    columns: [{ key: 'cost', title: 'ns/message and player', better: 'less' }],
  },
  {
    name: 'gates',
    title: 'a client from its connection to Play.Start, with plugins that have an async onConnect and onPlay',
    columns: [{ key: 'cost', title: 'µs/client', better: 'less' }],
  },
]

/** The tasks of the wanted groups. What can't be had here is explained to `skip`. */
export async function microTasks(
  wanted: (group: string) => boolean,
  skip: (reason: string) => void,
): Promise<MicroTask[]> {
  const needsRecordings = ['demux', 'mux', 'amf'].some(wanted)
  const recorded = needsRecordings ? await recordings(skip) : []
  const [first] = recorded
  return [
    ...(wanted('demux') ? demuxTasks(recorded) : []),
    ...(wanted('mux') && first ? muxTasks(first) : []),
    ...(wanted('amf') && first ? amfTasks(first) : []),
    ...(wanted('fan-out') ? await fanOutTasks() : []),
    ...(wanted('gates') ? gateTasks() : []),
  ]
}

/** Times every task in every round. `seconds` is for one task in one round. */
export async function measureMicro(
  tasks: readonly MicroTask[],
  seconds: number,
  rounds: number,
  progress: Progress,
): Promise<Group[]> {
  const groups = microGroups.map((group): Group => ({ ...group, rows: [] }))
  for (let round = 1; round <= rounds; round += 1) {
    for (const task of tasks) {
      progress.start(`${task.group} · ${task.row} · round ${round} of ${rounds}`, microSeconds(seconds))
      const row = rowOf(groups, task)
      const taken = await time(task, seconds)
      const outcomes = Object.entries(task.figures).map(([column, figure]) => {
        const value = figure(taken)
        ;(row.figures[column] ??= []).push(value)
        return `${column} ${number(value)}`
      })
      progress.finish(outcomes.join(', '))
    }
  }
  return groups.filter(group => group.rows.length > 0)
}

/** What one task takes in one round, warm-up included. */
export function microSeconds(seconds: number): number {
  return seconds * 1.3
}

/** Seconds that one run takes. The mean, not the median: garbage collection is part of the cost. */
async function time({ row, run }: MicroTask, seconds: number): Promise<number> {
  const bench = new Bench({
    time: seconds * 1000,
    warmupTime: seconds * 300,
    iterations: 5,
    warmupIterations: 2,
    throws: true,
  })
  bench.add(row, run)
  const [done] = await bench.run()
  const result = done?.result
  if (result?.state !== 'completed') throw new Error(`${row} was not timed: ${result?.state}`)
  return result.latency.mean / 1000
}

function rowOf(groups: readonly Group[], { group, row: name, reference = false }: MicroTask): Row {
  const rows = groups.find(it => it.name === group)?.rows
  if (rows === undefined) throw new Error(`no group ${group}`)
  const row = rows.find(it => it.name === name) ?? { name, reference, figures: {}, failures: [] }
  if (!rows.includes(row)) rows.push(row)
  return row
}

import type { ConnectionReport, PlayerReport, StreamReport } from '../report/report.ts'
import type { Reports } from '../report/reports.ts'
import { groupedBy } from './grouped-by.ts'

/** Who takes part in a stream. */
export interface Part {
  readonly connection: ConnectionReport
  /** Absent of the publisher. */
  readonly player?: PlayerReport
}

/** A live stream as one thing, though several processes have it. */
export interface Live {
  readonly stream: StreamReport
  /** Of all processes. */
  readonly viewers: number
  readonly sent: number
  readonly publisher: ConnectionReport | undefined
  readonly players: readonly Part[]
}

/** All live streams, with who takes part in them. */
export async function liveStreams(reports: Reports): Promise<readonly Live[]> {
  const [streams, connections, players] = await Promise.all([
    reports.streams(),
    reports.connections(),
    reports.players(),
  ])
  const connectionOf = new Map(connections.map(connection => [connection.id, connection]))
  const playersOf = groupedBy(players, ({ stream }) => stream)
  return [...groupedBy(streams.filter(isLive), ({ id }) => id)].map(([id, copies]) => {
    // Where its publisher is, not where it was fetched to.
    const stream = copies.find(({ publisher }) => publisher !== undefined) ?? (copies[0] as StreamReport)
    return {
      stream,
      viewers: sum(copies, copy => copy.viewers),
      sent: sum(copies, copy => copy.sent),
      publisher: connectionOf.get(stream.publisher ?? ''),
      players: (playersOf.get(id) ?? []).flatMap(player => {
        const connection = connectionOf.get(player.connection)
        return connection === undefined ? [] : [{ connection, player }]
      }),
    }
  })
}

/** The stream `app/name`, if it is live. */
export async function liveStream(reports: Reports, id: string): Promise<Live | undefined> {
  return (await liveStreams(reports)).find(({ stream }) => stream.id === id)
}

/** Adds up what `of` reads of each. */
export function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0)
}

/** Milliseconds since then; 0 for what has not begun. */
export function ageOf(since: string | undefined): number {
  return since === undefined ? 0 : Math.max(Date.now() - Date.parse(since), 0)
}

function isLive(stream: StreamReport): boolean {
  return stream.isLive
}

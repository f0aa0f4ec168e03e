import type { ConnectionReport, PlayerReport, StreamReport } from '../report/report.ts'
import type { Reports } from '../report/reports.ts'
import { groupedBy } from './grouped-by.ts'

/** Who takes part in a stream. */
export interface Part {
  readonly connection: ConnectionReport
  /** Absent of the publisher. */
  readonly player?: PlayerReport
}

/** A live stream, and who takes part in it. */
export interface Live {
  readonly stream: StreamReport
  readonly publisher: ConnectionReport | undefined
  readonly players: readonly Part[]
}

/** All live streams. */
export async function liveStreams(reports: Reports): Promise<readonly Live[]> {
  const [streams, connections, players] = await Promise.all([
    reports.streams(),
    reports.connections(),
    reports.players(),
  ])
  const connectionOf = new Map(connections.map(connection => [connection.id, connection]))
  const playersOf = groupedBy(players, ({ stream }) => stream)
  return streams
    .filter(({ isLive }) => isLive)
    .map(stream => ({
      stream,
      publisher: connectionOf.get(stream.publisher ?? ''),
      players: (playersOf.get(stream.id) ?? []).flatMap(player => {
        const connection = connectionOf.get(player.connection)
        return connection === undefined ? [] : [{ connection, player }]
      }),
    }))
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

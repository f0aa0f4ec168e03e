import type { ConnectionReport, PlayerReport, ServerReport, StreamReport } from './report.ts'
import type { Reports } from './reports.ts'

/** The numbers that move all the time: what an open dashboard is told every few seconds, beside the events. */
export interface LiveReport {
  /** The server as a whole. */
  readonly server: ServerReport
  /** All streams. */
  readonly streams: readonly StreamReport[]
  /** Of the stream that was asked for. */
  readonly players?: readonly PlayerReport[]
  /** Connections of `players`, and of the publisher of their stream, as far as this client has not been told of them. */
  readonly connections?: readonly ConnectionReport[]
}

/** Makes the {@link LiveReport}s of one client. */
export class LiveReports {
  readonly #reports: Reports
  readonly #stream: string | undefined
  #told = new Set<string>()

  /** @param stream id of the stream whose players are told too; `*` for all */
  constructor(reports: Reports, stream?: string) {
    this.#reports = reports
    this.#stream = stream
  }

  async next(): Promise<LiveReport> {
    const [server, streams] = await Promise.all([this.#reports.server(), this.#reports.streams()])
    if (this.#stream === undefined) return { server, streams }
    const all = await this.#reports.players()
    const players = this.#stream === '*' ? all : all.filter(({ stream }) => stream === this.#stream)
    const publisher = streams.find(({ id }) => id === this.#stream)?.publisher
    return { server, streams, players, connections: await this.#connections(players, publisher) }
  }

  /** Addresses and names do not change: each is told once. */
  async #connections(players: readonly PlayerReport[], publisher?: string): Promise<readonly ConnectionReport[]> {
    const wanted = new Set(players.map(({ connection }) => connection))
    if (publisher !== undefined) wanted.add(publisher)
    const told = this.#told
    // Who has left is forgotten.
    this.#told = wanted
    if ([...wanted].every(id => told.has(id))) return []
    return (await this.#reports.connections()).filter(({ id }) => wanted.has(id) && !told.has(id))
  }
}

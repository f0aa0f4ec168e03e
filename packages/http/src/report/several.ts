import { EventLog } from './event-log.ts'
import { mergedServer, mergedStreams } from './merge.ts'
import { maxKept } from './newest.ts'
import type {
  ConnectionReport,
  PlayerReport,
  RecordingReport,
  RefusalReport,
  RelayReport,
  ServerEvent,
  ServerReport,
  StreamReport,
} from './report.ts'
import type { Act, Outcome, Reports } from './reports.ts'

/** What one process asks another: to read something, or to do something. */
export type ReportQuestion =
  | { readonly read: 'server' | 'connections' | 'streams' | 'players' | 'recordings' | 'relays' | 'refusals' }
  | {
      readonly act: Act
      /** The only one that is to do it. Default: whichever has what it is about. */
      readonly worker?: number | undefined
    }

/** The other processes of a server of several. */
export interface OtherProcesses {
  /** Asks all of them. Those that do not answer in time, or have died, are left out. */
  ask(question: ReportQuestion): Promise<readonly unknown[]>
  /** Has somebody told of what happens in them, and of those that have died. */
  follow(told: { event(event: ServerEvent): void; lost(worker: number): void }): void
  /** Does what concerns all processes. */
  steer(act: Extract<Act, { readonly act: 'reload' | 'drain' }>): Promise<Outcome>
}

/** Answers what another process asks. @param worker which one this is. @returns undefined if others are to answer */
export async function answerQuestion(own: Reports, worker: number, question: ReportQuestion): Promise<unknown> {
  if ('read' in question) return own[question.read]()
  return (question.worker ?? worker) === worker ? own.act(question.act) : undefined
}

const notFound: Outcome = { ok: false, why: 'not found', reason: 'there is none of this id, or no longer' }

/** Reports of several processes that are one server, in the one that is asked. */
export class SeveralReports implements Reports {
  readonly #own: Reports
  readonly #worker: number
  readonly #others: OtherProcesses
  readonly #events = new EventLog()
  /** Processes in which a stream is: those beside its publisher's take it from there. */
  readonly #places = new Map<string, Set<number>>()

  /** @param worker which one the own process is */
  constructor(own: Reports, worker: number, others: OtherProcesses) {
    this.#own = own
    this.#worker = worker
    this.#others = others
    own.follow(event => this.#happened(event))
    others.follow({ event: event => this.#happened(event), lost: worker => this.#lost(worker) })
  }

  async server(): Promise<ServerReport> {
    const [all, streams] = await Promise.all([this.#all<ServerReport>('server'), this.streams()])
    return mergedServer(all, streams)
  }

  async connections(): Promise<readonly ConnectionReport[]> {
    return (await this.#all<readonly ConnectionReport[]>('connections')).flat()
  }

  async streams(): Promise<readonly StreamReport[]> {
    return mergedStreams((await this.#all<readonly StreamReport[]>('streams')).flat())
  }

  async players(): Promise<readonly PlayerReport[]> {
    return (await this.#all<readonly PlayerReport[]>('players')).flat()
  }

  async recordings(): Promise<readonly RecordingReport[]> {
    return (await this.#all<readonly RecordingReport[]>('recordings')).flat()
  }

  async relays(): Promise<readonly RelayReport[]> {
    return (await this.#all<readonly RelayReport[]>('relays')).flat()
  }

  async refusals(): Promise<readonly RefusalReport[]> {
    const all = (await this.#all<readonly RefusalReport[]>('refusals')).flat()
    return all.sort((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0)).slice(0, maxKept)
  }

  follow(take: (event: ServerEvent) => void, after?: number): () => void {
    return this.#events.follow(take, after)
  }

  async act(act: Act): Promise<Outcome> {
    if (act.act === 'reload' || act.act === 'drain') return this.#others.steer(act)
    const stream = 'stream' in act ? act.stream : act.act === 'end stream' ? act.id : undefined
    // A stream is in several processes: what is done to it is done where its publisher is.
    const worker = stream === undefined ? undefined : (await this.streams()).find(({ id }) => id === stream)?.worker
    const outcome: Outcome = worker === undefined || worker === this.#worker ? await this.#own.act(act) : notFound
    if (worker === this.#worker || outcome.ok || outcome.why !== 'not found') return outcome
    const answers = await this.#others.ask({ act, worker })
    const outcomes = (answers as readonly (Outcome | null | undefined)[]).filter(each => each != null)
    return outcomes.find(each => each.ok || each.why !== 'not found') ?? outcome
  }

  configuration(): unknown {
    return this.#own.configuration()
  }

  async #all<T>(read: Extract<ReportQuestion, { readonly read: string }>['read']): Promise<readonly T[]> {
    const [own, others] = await Promise.all([this.#own[read](), this.#others.ask({ read })])
    return [own as T, ...(others as readonly T[])]
  }

  #happened(event: ServerEvent): void {
    if (!this.#isNews(event)) return
    const { id: _ofProcess, ...rest } = event
    this.#events.add(rest)
  }

  /** A stream begins in one process and ends in the last: for viewers it is one. */
  #isNews({ type, stream, worker = 0 }: ServerEvent): boolean {
    if (stream === undefined || (type !== 'stream.start' && type !== 'stream.end')) return true
    const places = this.#places.get(stream) ?? new Set()
    if (type === 'stream.start') {
      this.#places.set(stream, places.add(worker))
      return places.size === 1
    }
    places.delete(worker)
    if (places.size > 0) return false
    this.#places.delete(stream)
    return true
  }

  /** What was in that process only has ended. */
  #lost(worker: number): void {
    for (const [stream, places] of this.#places) {
      if (!places.has(worker)) continue
      const at = new Date().toISOString()
      this.#happened({ id: 0, at, type: 'stream.end', worker, stream, text: `${stream} has ended: its process died` })
    }
  }
}

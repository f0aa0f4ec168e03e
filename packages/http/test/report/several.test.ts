import { describe, expect, it } from 'vitest'
import {
  type Act,
  answerQuestion,
  type ClusterReport,
  type Outcome,
  type ReportQuestion,
  type Reports,
  type ServerEvent,
  SeveralReports,
  type StreamReport,
} from '../../src/index.ts'
import * as reports from '../support/fake-reports.ts'

/** Reports of one worker that has one stream with viewers, and notes what is done to it. */
class Fake implements Reports {
  readonly done: Act[] = []
  readonly #followers: ((event: ServerEvent) => void)[] = []
  #events = 0
  readonly worker: number
  streamsHere: Partial<StreamReport>[] = []
  isDraining = false
  cluster: ClusterReport | undefined

  constructor(worker: number) {
    this.worker = worker
  }

  async server() {
    const { worker } = this
    const process = { worker, pid: worker, since: '', cpu: 0, rss: 1, heapUsed: 1, eventLoopDelay: 0 }
    const traffic = [{ transport: 'rtmp', accepted: 2, received: 10, sent: 20 }]
    const since = `2026-01-0${5 - worker}T00:00:00.000Z`
    const counts = { connections: 2, publishers: 1, players: 1, streams: 1 }
    const { isDraining, cluster } = this
    const ofCluster = cluster && { cluster }
    return { version: '1', node: 'v', since, isDraining, processes: [process], traffic, ...counts, ...ofCluster }
  }

  async connections() {
    return [{ id: `c${this.worker}` } as never]
  }

  async streams() {
    const { worker } = this
    const blank = { worker, isLive: true, isPublishing: true, viewers: 1, sent: 5, recordings: [], relays: [] }
    return this.streamsHere.map(stream => ({ ...blank, ...stream }) as StreamReport)
  }

  async players() {
    return [{ id: `p${this.worker}` } as never]
  }

  async recordings() {
    return []
  }

  async relays() {
    return []
  }

  async refusals() {
    return Array.from({ length: 600 }, (_, id) => ({ id, worker: this.worker, at: String(10_000 - id) }) as never)
  }

  follow(take: (event: ServerEvent) => void) {
    this.#followers.push(take)
    return () => {}
  }

  happen(type: ServerEvent['type'], stream?: string): void {
    const event = { id: ++this.#events, at: '', type, worker: this.worker, text: '', ...(stream && { stream }) }
    for (const take of this.#followers) take(event)
  }

  async act(act: Act): Promise<Outcome> {
    if ('id' in act && act.id !== `c${this.worker}` && act.act === 'end connection')
      return { ok: false, why: 'not found', reason: `not in ${this.worker}` }
    this.done.push(act)
    return { ok: true }
  }

  configuration() {
    return { host: '::' }
  }
}

function threeWorkers() {
  const [own, one, two] = [new Fake(0), new Fake(1), new Fake(2)]
  const steered: Act[] = []
  let lost = (_worker: number): void => {}
  const others = [one, two]
  const all = new SeveralReports(own, 0, {
    // As between processes: what is told is text.
    ask: (question: ReportQuestion) =>
      Promise.all(
        others.map(async other => {
          const answer = await answerQuestion(other, other.worker, question)
          return JSON.parse(JSON.stringify(answer ?? null)) as unknown
        }),
      ),
    follow(told) {
      for (const other of others) other.follow(event => told.event(event))
      lost = worker => told.lost(worker)
    },
    steer: async act => {
      steered.push(act)
      return { ok: true }
    },
  })
  const events: ServerEvent[] = []
  all.follow(event => events.push(event))
  return { own, one, two, all, events, steered, lose: (worker: number) => lost(worker) }
}

describe('reports of several processes', () => {
  it('are those of one server', async () => {
    const { all, own, one, two } = threeWorkers()
    own.streamsHere = [{ id: 'live/a' }]
    one.streamsHere = [{ id: 'live/a', publisher: 'x' }, { id: 'live/b' }]
    two.isDraining = true
    const report = await all.server()
    expect(report).toMatchObject({ connections: 6, publishers: 3, players: 3, streams: 2, isDraining: true })
    expect(report.since).toBe('2026-01-03T00:00:00.000Z')
    expect(report.processes.map(({ worker }) => worker)).toEqual([0, 1, 2])
    expect(report.traffic).toEqual([{ transport: 'rtmp', accepted: 6, received: 30, sent: 60 }])
    expect((await all.connections()).map(({ id }) => id)).toEqual(['c0', 'c1', 'c2'])
    expect((await all.players()).map(({ id }) => id)).toEqual(['p0', 'p1', 'p2'])
    expect(all.configuration()).toEqual({ host: '::' })
  })

  it('sum what each has of a cluster of many machines, and name its servers once', async () => {
    const { all, own, one, two } = threeWorkers()
    expect(await all.server()).not.toHaveProperty('cluster')
    for (const each of [own, one]) each.cluster = reports.cluster
    two.cluster = { ...reports.cluster, connected: 2, servers: ['192.0.2.10:4222', '192.0.2.9:4222'] }
    const { servers: _, ...counts } = reports.cluster
    const sums = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, 3 * count]))
    const both = ['192.0.2.9:4222', '192.0.2.10:4222']
    expect((await all.server()).cluster).toEqual({ ...sums, connected: 4, servers: both })
  })

  it('show a stream once, at home with its publisher, with the viewers of all', async () => {
    const { all, own, one, two } = threeWorkers()
    own.streamsHere = [{ id: 'live/a', viewers: 3, sent: 30 }]
    one.streamsHere = [{ id: 'live/a', viewers: 1, sent: 10, publisher: 'x' }]
    two.streamsHere = [{ id: 'live/b' }]
    expect(await all.streams()).toMatchObject([
      { id: 'live/a', worker: 1, publisher: 'x', viewers: 4, sent: 40 },
      { id: 'live/b', worker: 2 },
    ])
  })

  it('have the newest thousand refusals of all', async () => {
    const { all } = threeWorkers()
    const refusals = await all.refusals()
    expect(refusals).toHaveLength(1_000)
    expect(refusals.slice(0, 4).map(({ at }) => at)).toEqual(['9999', '9999', '9999', '9998'])
  })

  it('number events of all in one order, and tell of a stream once', () => {
    const { own, one, two, events, lose } = threeWorkers()
    one.happen('connection.start')
    one.happen('stream.start', 'live/a')
    own.happen('stream.start', 'live/a')
    two.happen('stream.start', 'live/b')
    one.happen('stream.end', 'live/a')
    own.happen('stream.end', 'live/a')
    lose(2)
    lose(2)
    expect(events.map(({ id, type, stream }) => [id, type, stream])).toEqual([
      [1, 'connection.start', undefined],
      [2, 'stream.start', 'live/a'],
      [3, 'stream.start', 'live/b'],
      [4, 'stream.end', 'live/a'],
      [5, 'stream.end', 'live/b'],
    ])
  })
})

describe('acts in several processes', () => {
  it('on a stream are done where its publisher is, and nowhere else', async () => {
    const { all, own, one, two } = threeWorkers()
    own.streamsHere = [{ id: 'live/a' }]
    one.streamsHere = [{ id: 'live/a', publisher: 'x' }]
    const act: Act = { act: 'end stream', id: 'live/a' }
    expect(await all.act(act)).toEqual({ ok: true })
    expect([own.done, one.done, two.done]).toEqual([[], [act], []])
    const local: Act = { act: 'start recording', stream: 'live/mine' }
    own.streamsHere = [{ id: 'live/mine', publisher: 'y' }]
    expect(await all.act(local)).toEqual({ ok: true })
    expect([own.done, one.done, two.done]).toEqual([[local], [act], []])
  })

  it('on a connection are done by the process that has it', async () => {
    const { all, own, one, two } = threeWorkers()
    const act: Act = { act: 'end connection', id: 'c2' }
    expect(await all.act(act)).toEqual({ ok: true })
    expect([own.done, one.done, two.done]).toEqual([[], [], [act]])
    expect(await all.act({ act: 'end connection', id: 'nobody' })).toMatchObject({ ok: false, why: 'not found' })
  })

  it('that concern all are done by who started them', async () => {
    const { all, own, steered } = threeWorkers()
    await all.act({ act: 'reload' })
    await all.act({ act: 'drain', timeout: 5 })
    expect(steered).toEqual([{ act: 'reload' }, { act: 'drain', timeout: 5 }])
    expect(own.done).toEqual([])
  })
})

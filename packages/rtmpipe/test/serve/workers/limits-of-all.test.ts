import { TestServer } from '@rtmpipe/testing'
import { afterEach, describe, expect, it } from 'vitest'
import type { ConnectionLimit, SharedLimits } from '../../../src/sections/plugin-section.ts'
import { Ledger } from '../../../src/serve/workers/ledger.ts'
import { LedgerLine } from '../../../src/serve/workers/ledger-line.ts'
import { LimitsOfAll } from '../../../src/serve/workers/limits-of-all.ts'
import type { LedgerAnswer, LedgerRequest } from '../../../src/serve/workers/messages.ts'

/** A worker's server in memory, and its line to a ledger. */
class Worker implements AsyncDisposable {
  readonly server: TestServer
  readonly #ledger: Ledger
  readonly #limits: LimitsOfAll
  readonly #left: (() => void)[] = []
  #held: (() => void)[] | undefined
  #take: (answer: LedgerAnswer) => void = () => {}

  constructor(ledger: Ledger, limits: Partial<SharedLimits>) {
    this.#ledger = ledger
    this.#limits = new LimitsOfAll(
      new LedgerLine({ send: request => void this.#send(request), onMessage: take => (this.#take = take) }),
    )
    this.limits = limits
    this.server = new TestServer({ plugins: [this.#limits] })
  }

  set limits(limits: Partial<SharedLimits>) {
    this.#limits.limits = { connections: [], viewers: [], ...limits }
  }

  /** Resolves when somebody has been taken back. */
  left(): Promise<void> {
    return new Promise(resolve => this.#left.push(resolve))
  }

  /** Keeps answers back until it is called. */
  hold(): () => void {
    const held: (() => void)[] = []
    this.#held = held
    return () => {
      this.#held = undefined
      for (const answer of held) answer()
    }
  }

  async #send(request: LedgerRequest): Promise<void> {
    const isYes = await this.#ledger.handle(this, request)
    if (request.type === 'leave') return this.#left.shift()?.()
    const answer = () => this.#take({ type: 'answered', request: request.request, isYes })
    if (this.#held === undefined) answer()
    else this.#held.push(answer)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]()
  }
}

function connections(name: string, most: number): ConnectionLimit {
  return { name, most, description: `${most} of ${name}`, placeOf: address => address }
}

const oneViewer: Partial<SharedLimits> = { viewers: [{ name: 'viewers', most: 1, description: 'one viewer' }] }

const started: Worker[] = []
afterEach(async () => {
  for (const worker of started.splice(0)) await worker[Symbol.asyncDispose]()
})

/** Two with the same ledger. */
function workers(limits: Partial<SharedLimits>): readonly [Worker, Worker] {
  const ledger = new Ledger()
  const two = [new Worker(ledger, limits), new Worker(ledger, limits)] as const
  started.push(...two)
  return two
}

describe('limits of all workers', () => {
  it('let a connection in when one has left, wherever it was', async () => {
    const [one, two] = workers({ connections: [connections('a', 1)] })
    const client = await one.server.connect('live')
    const refused = { statusCode: 'NetConnection.Connect.Rejected', description: '1 of a' }
    await expect(two.server.connect('live')).rejects.toMatchObject(refused)
    const left = one.left()
    client.messages.destroy()
    await left
    await two.server.connect('live')
  })

  it('do not count whom another of them has refused', async () => {
    const [one, two] = workers({ connections: [connections('a', 2), connections('b', 1)] })
    await one.server.connect('live')
    const left = two.left()
    await expect(two.server.connect('live')).rejects.toMatchObject({ description: '1 of b' })
    await left
    two.limits = { connections: [connections('a', 2)] }
    await two.server.connect('live')
    await expect(two.server.connect('live')).rejects.toMatchObject({ description: '2 of a' })
  })

  it('do not count who has left before the answer', async () => {
    const [one, two] = workers({ connections: [connections('a', 1)] })
    const [release, left] = [one.hold(), one.left()]
    const connecting = one.server.connect('live')
    while (one.server.clients.length === 0) await new Promise(resolve => setImmediate(resolve))
    one.server.clients[0]?.messages.destroy()
    await expect(connecting).rejects.toThrow()
    release()
    await left
    await two.server.connect('live')
  })

  it('refuse players, and let the next in when one has left', async () => {
    const [one, two] = workers(oneViewer)
    const player = await one.server.play('live/name')
    const refused = { statusCode: 'NetStream.Play.Failed', description: 'one viewer' }
    await expect(two.server.play('live/name')).rejects.toMatchObject(refused)
    await two.server.play('live/other')
    const left = one.left()
    player.destroy()
    await left
    await two.server.play('live/name')
  })

  it('let one of several in that come at once, and refuse the others', async () => {
    const [one, two] = workers(oneViewer)
    const asked = await Promise.allSettled([one, two, one].map(worker => worker.server.play('live/name')))
    expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(asked[2]).toMatchObject({ reason: { description: 'one viewer' } })
  })
})

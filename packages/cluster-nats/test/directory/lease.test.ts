import { DirectoryDownError } from '@rtmpipe/cluster-nats'
import { MemoryNetwork } from '@rtmpipe/cluster-nats/memory'
import { describe, expect, it } from 'vitest'
import { Lease } from '../../src/directory/lease.ts'

const never = new AbortController().signal
const patient = 1e9

function setUp() {
  const network = new MemoryNetwork({ seed: 2 })
  const nodes = [network.node('judge'), network.node('other')]
  const [judge, other] = nodes.map(({ name, stores, clock }) => new Lease(stores.nodes, clock, name))
  judge!.start()
  other!.start()
  /** Whether the other one has died, and how long it took to say so; at most two minutes. */
  const judged = async (patience = patient, signal = never) => {
    const begun = network.clock.now()
    let verdict: boolean | string = 'open'
    const tell = (told: boolean | string) => void (verdict = told)
    judge!.hasDied('other', patience, signal).then(tell, (error: Error) => tell(error.name))
    await network.runUntil(() => verdict !== 'open', 120_000)
    return { verdict: verdict as boolean | string, took: network.clock.now() - begun }
  }
  return { network, faults: network.faults, judge: judge!, other: other!, judged }
}

describe('Lease', () => {
  it('sees that another lives by its next renewal', async () => {
    const { judged } = setUp()
    const { verdict, took } = await judged()
    expect(verdict).toBe(false)
    expect(took).toBeLessThan(5_000)
  })

  it('says that another has died after 12 s without a renewal, also one that never had a lease', async () => {
    const { network, faults, judge, judged } = setUp()
    await network.run(5_000)
    faults.kill('other')
    const { verdict, took } = await judged()
    expect(verdict).toBe(true)
    expect(took).toBeGreaterThan(12_000)
    expect(took).toBeLessThan(17_000)
    expect(await network.settle(judge.hasDied('never', patient, never))).toBe(true)
  })

  it.each([
    ['while its own renewals are not written', ({ faults }) => faults.elect(60_000)],
    ['while it is cut off itself', ({ faults, network }) => void network.clock.after(60_000, faults.cutOff('judge'))],
    ['while it stands still', ({ faults, network }) => void network.clock.after(60_000, faults.freeze('judge'))],
    [
      'while no answers come',
      ({ faults, network }) => {
        faults.loseAnswers(1)
        network.clock.after(60_000, () => faults.loseAnswers(0))
      },
    ],
  ] satisfies [string, (each: ReturnType<typeof setUp>) => void][])('says nothing %s', async (_, fail) => {
    const all = setUp()
    await all.network.run(5_000)
    all.faults.kill('other')
    fail(all)
    const { verdict, took } = await all.judged()
    expect(verdict).toBe(true)
    expect(took).toBeGreaterThan(60_000 + 12_000 - 4_000)
  })

  it('does not count the time between two renewals of its own that are far apart', async () => {
    const network = new MemoryNetwork()
    const { clock } = network
    let answers: (() => void)[] | undefined
    const put = () => new Promise<number>(resolve => (answers ? answers.push(() => resolve(1)) : resolve(1)))
    const nodes = {
      ...network.node('judge').stores.nodes,
      put,
      get: async () => ({ revision: 7, value: Buffer.alloc(0) }),
    }
    const lease = new Lease(nodes, clock, 'judge')
    lease.start()
    let diedAt = 0
    void lease.hasDied('other', patient, never).then(() => (diedAt = clock.now()))
    await network.run(5_000)
    answers = []
    await network.run(55_000)
    for (const answer of answers.splice(0)) answer()
    answers = undefined
    await network.run(30_000)
    expect(diedAt).toBeGreaterThan(67_000)
  })

  it('gives nobody up who begins to renew again, after an outage of the directory for all', async () => {
    const { network, faults, judged } = setUp()
    await network.run(5_000)
    const start = faults.stopServers()
    network.clock.after(60_000, start)
    expect((await judged()).verdict).toBe(false)
  })

  it('loses its patience when nothing can be said', async () => {
    const { network, faults, judged } = setUp()
    await network.run(5_000)
    faults.cutOff('judge')
    expect(await judged(10_000)).toMatchObject({ verdict: DirectoryDownError.name })
  })

  it('ends the waiting when it is aborted, and its own lease when it ends', async () => {
    const { network, faults, judge, other, judged } = setUp()
    await network.run(5_000)
    faults.cutOff('other')
    const abort = new AbortController()
    network.clock.after(3_000, () => abort.abort())
    expect(await judged(patient, abort.signal)).toEqual({ verdict: false, took: expect.closeTo(3_000, -1) })
    expect(await network.settle(judge.hasDied('other', patient, abort.signal))).toBe(false)
    await network.settle(judge.end())
    judge.start()
    await network.run(5_000)
    expect(await network.settle(network.node('judge').stores.nodes.get('judge'))).toBeUndefined()
    await network.settle(other.end())
  })
})

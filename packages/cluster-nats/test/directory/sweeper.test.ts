import type { MemoryNode } from '@rtmpipe/cluster-nats/memory'
import { describe, expect, it } from 'vitest'
import { sweepPause, sweepPeriod, sweepTime } from '../../src/directory/limits.ts'
import { answerMessage, ownerMessage } from '../../src/directory/messages.ts'
import { subjects } from '../../src/wire/subjects.ts'
import { newSid, setUp, sid } from '../support/claiming-nodes.ts'

/** In which somebody has swept for certain, and is done. */
const longest = 1.5 * sweepPeriod + 60_000

/** What a node does to the names in the directory from now on. */
function watch({ stores: { streams }, clock }: MemoryNode) {
  const removed: number[] = []
  const looked: number[] = []
  const [remove, get] = [streams.remove.bind(streams), streams.get.bind(streams)]
  streams.remove = (...of) => {
    removed.push(clock.now())
    return remove(...of)
  }
  streams.get = key => {
    looked.push(clock.now())
    return get(key)
  }
  return { removed, looked }
}

describe('what a dead node has left in the directory', () => {
  it('is removed, slowly, and nothing of those who live', async () => {
    const { network, nodes, claims } = await setUp(3)
    const take = (index: number, count: number) =>
      network.settle(Promise.all(Array.from({ length: count }, () => claims[index]!.claim(newSid()))))
    await take(0, 40)
    const living = [...(await take(1, 3)), ...(await take(2, 3))]
    const all = nodes.map(watch)
    network.faults.kill('node0')
    await network.run(longest)
    expect(network.remains.streams).toBe(6)
    const removed = all.flatMap(each => each.removed).toSorted((a, b) => a - b)
    expect(removed).toHaveLength(40)
    expect(removed.at(-1)! - removed[0]!).toBeGreaterThanOrEqual(39 * sweepPause)
    await network.run(35_000)
    expect(living.map(each => each!.isHeld)).toEqual(living.map(() => true))
    await network.settle(Promise.all(claims.slice(1).map(each => each.dispose())))
    expect(network.remains).toEqual({ subscriptions: 0, questions: 0, streams: 0 })
  })

  it('stays while somebody answers for it, or has claimed it again', async () => {
    const { network, nodes, claims, claim } = await setUp(2)
    await claim(1)
    const { stores, carrier } = nodes[0]!
    const [answered, taken] = [newSid(), newSid()]
    await network.settle(stores.streams.create(answered, ownerMessage({ node: 'quiet', claim: 'a' })))
    await network.settle(stores.streams.create(taken, ownerMessage({ node: 'dead', claim: 'b' })))
    carrier.control.subscribe(subjects.node('quiet'), ({ reply }) =>
      carrier.control.publish(reply!, answerMessage('kept')),
    )
    const get = nodes[1]!.stores.streams.get.bind(nodes[1]!.stores.streams)
    let again: Promise<unknown> | undefined
    nodes[1]!.stores.streams.get = key => {
      if (key === taken) again ??= claims[0]!.claim(taken)
      return get(key)
    }
    await network.run(longest)
    expect(await again).toBeDefined()
    expect(network.remains.streams).toBe(3)
  })

  it('stays from when the node is back', async () => {
    const { network, nodes, claims, claim } = await setUp(2)
    await network.settle(Promise.all(Array.from({ length: 30 }, () => claims[0]!.claim(newSid()))))
    await claim(1)
    const { removed } = watch(nodes[1]!)
    for (const bus of nodes[0]!.buses) bus.goDown()
    expect(await network.runUntil(() => removed.length === 10, longest)).toBe(true)
    for (const bus of nodes[0]!.buses) bus.goUp()
    await network.run(35_000)
    // The look at one may have been under way.
    expect(removed.length).toBeLessThanOrEqual(11)
    expect(network.remains.streams).toBe(31)
  })

  it('is looked for while nobody else does, and the rest another time', async () => {
    const { network, nodes, claim } = await setUp(1)
    await claim(0)
    const { streams } = nodes[0]!.stores
    // Of living nodes, which is soon seen.
    const value = ownerMessage({ node: 'node0', claim: 'a' })
    for (let count = 0; count < 600; count += 1) await network.settle(streams.create(newSid(), value))
    const { looked } = watch(nodes[0]!)
    // The claim of its own is looked at every half minute.
    const isSweeping = () => looked.length > 100
    expect(await network.runUntil(isSweeping, longest)).toBe(true)
    const begun = looked.at(-50)!
    await network.run(sweepTime)
    const swept = looked.filter(time => time > begun)
    expect(swept.length).toBeLessThan(sweepTime / sweepPause)
    const before = looked.length
    await network.run(30_000)
    expect(looked.length - before).toBeLessThan(3)
  })

  it('is its own again when it was only cut off, and nobody has claimed it', async () => {
    const { network, nodes, claims, claim } = await setUp(2)
    const held = await claim(0)
    await claim(1, newSid())
    for (const bus of nodes[0]!.buses) bus.goDown()
    await network.run(longest)
    expect(network.remains.streams).toBe(1)
    for (const bus of nodes[0]!.buses) bus.goUp()
    await network.run(1_000)
    expect(network.remains.streams).toBe(2)
    expect(held!.isHeld).toBe(true)
    expect(await network.settle(claims[1]!.claim(sid))).toBeUndefined()
  })
})

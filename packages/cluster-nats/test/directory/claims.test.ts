import type { BusMessage } from '@rtmpipe/cluster-nats'
import { describe, expect, it } from 'vitest'
import { subjects } from '../../src/wire/subjects.ts'
import { newSid, setUp, sid } from '../support/claiming-nodes.ts'

describe('Claims', () => {
  it('gives a name to one of many, and to the next when it is given back, under a greater epoch', async () => {
    const { network, claims, claim } = await setUp(6)
    let last = 0
    for (let round = 0; round < 20; round += 1) {
      const asked = [...claims, ...claims].map(each => each.claim(sid))
      const got = (await network.settle(Promise.all(asked))).filter(each => each !== undefined)
      expect(got).toHaveLength(1)
      expect(got[0]!.epoch).toBeGreaterThan(last)
      last = got[0]!.epoch
      expect(await claim(round % 6)).toBeUndefined()
      await network.settle(got[0]!.release())
    }
  })

  it('asks the owner: one that makes way loses the name, one that does not keeps it', async () => {
    const { network, claim } = await setUp(3)
    const first = await claim(0)
    let asked = 0
    first!.makesWay = () => {
      asked += 1
      return asked > 1
    }
    expect(await claim(1)).toBeUndefined()
    expect(asked).toBe(1)
    const second = await claim(1)
    expect(second!.epoch).toBeGreaterThan(first!.epoch)
    await network.run(10)
    expect(first!.lost.aborted).toBe(true)
    await network.settle(first!.release())
    expect(second!.lost.aborted).toBe(false)
    expect(await claim(2)).toBeUndefined()
  })

  it('ends the waiting when it is aborted, and leaves nothing behind', async () => {
    const { network, claims, claim } = await setUp(2)
    await claim(0)
    network.faults.partition(['node0'], { noticedAfter: Infinity })
    const abort = new AbortController()
    const asked = claims[1]!.claim(sid, abort.signal)
    await network.run(5_000)
    abort.abort()
    expect(await network.settle(asked, 10)).toBeUndefined()
    expect(await claim(1, sid, AbortSignal.abort())).toBeUndefined()
    expect(network.remains).toEqual({ subscriptions: 3, questions: 0, streams: 1 })
  })

  it('announces a claim, and ends one when a greater epoch is announced', async () => {
    const { network, nodes, claim } = await setUp(2)
    const announced: string[] = []
    const take = ({ payload }: BusMessage) => void announced.push(payload.toString())
    nodes[1]!.carrier.control.subscribe(subjects.epochs(sid), take)
    await network.run(5)
    const first = await claim(0)
    const { epoch } = first!
    first!.announce()
    await network.run(5)
    expect(announced).toEqual(Array(2).fill(JSON.stringify({ epoch, node: 'node0' })))
    const tell = (payload: string) => {
      nodes[1]!.carrier.control.publish(subjects.epochs(sid), Buffer.from(payload))
      return network.run(5)
    }
    for (const nonsense of ['', '{', '7', 'null', `{"epoch":"${epoch + 1}","node":"x"}`, `{"epoch":${epoch + 1}}`])
      await tell(nonsense)
    await tell(JSON.stringify({ epoch: epoch + 1, node: 'node0' }))
    expect(first!.lost.aborted).toBe(false)
    announced.length = 0
    await tell(JSON.stringify({ epoch: epoch - 1, node: 'node1' }))
    expect(announced).toContain(JSON.stringify({ epoch, node: 'node0' }))
    expect(first!.lost.aborted).toBe(false)
    await tell(JSON.stringify({ epoch: epoch + 1, node: 'node1' }))
    expect(first!.lost.aborted).toBe(true)
  })

  it('does not get a name of which a greater epoch is announced while it is asked for', async () => {
    const { network, nodes, claims } = await setUp(2)
    network.faults.elect(3_000)
    const asked = claims[0]!.claim(sid)
    await network.run(1_000)
    const announcement = JSON.stringify({ epoch: Number.MAX_SAFE_INTEGER, node: 'node1' })
    nodes[1]!.carrier.control.publish(subjects.epochs(sid), Buffer.from(announcement))
    expect(await network.settle(asked)).toBeUndefined()
    expect(claims[0]!.held).toEqual([])
  })

  it('leaves nothing behind after 10,000 claims', async () => {
    const { network, claims } = await setUp(2)
    for (let round = 0; round < 10_000; round += 100) {
      const claimed = await network.settle(
        Promise.all(Array.from({ length: 100 }, (_, index) => claims[index % 2]!.claim(newSid()))),
      )
      await network.settle(Promise.all(claimed.map(each => each!.release())))
    }
    expect(network.remains).toEqual({ subscriptions: 2, questions: 0, streams: 0 })
    await network.settle(Promise.all(claims.map(each => each.dispose())))
    expect(network.remains).toEqual({ subscriptions: 0, questions: 0, streams: 0 })
  })

  it('gives every name back when it is disposed, also one that is still being asked for', async () => {
    const { network, claims, claim } = await setUp(2)
    const first = await claim(0)
    const asked = claims[0]!.claim(newSid())
    await network.settle(claims[0]!.dispose())
    expect(await asked).toBeUndefined()
    expect(network.remains.streams).toBe(0)
    expect(first!.isHeld).toBe(false)
    expect(await claim(0)).toBeUndefined()
    expect(await claim(1)).toBeDefined()
  })
})

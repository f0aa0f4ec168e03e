import { describe, expect, it } from 'vitest'
import { parseOwner } from '../../src/directory/messages.ts'
import { claimTimeout } from '../../src/directory/limits.ts'
import { epochOf } from '../../src/wire/epoch.ts'
import { subjects } from '../../src/wire/subjects.ts'
import { newSid, setUp, sid } from '../support/claiming-nodes.ts'

describe('a directory that is down', () => {
  it('is waited for: a claim comes when it has elected', async () => {
    const { network, claims } = await setUp(2)
    network.faults.elect(8_000)
    const begun = network.clock.now()
    const claim = await network.settle(claims[0]!.claim(sid))
    expect(claim?.isHeld).toBe(true)
    expect(network.clock.now() - begun).toBeLessThan(11_000)
  })

  it('makes claims fail after 10 s', async () => {
    const { network, claims } = await setUp(1)
    const start = network.faults.stopServers()
    const begun = network.clock.now()
    const asked = claims[0]!.claim(sid)
    await expect(network.settle(asked)).rejects.toMatchObject({ code: 'RTMP_ERR_DIRECTORY_DOWN' })
    expect(network.clock.now() - begun).toBeGreaterThan(10_000)
    expect(network.clock.now() - begun).toBeLessThan(15_000)
    start()
    await network.run(20_000)
    expect(await network.settle(claims[0]!.claim(sid))).toBeDefined()
  })

  it('recognizes a claim whose answer was lost', async () => {
    const { network, claims } = await setUp(2)
    network.faults.loseAnswers(1)
    const asked = claims[0]!.claim(sid)
    await network.run(1_000)
    network.faults.loseAnswers(0)
    const claim = await network.settle(asked)
    expect(claim?.isHeld).toBe(true)
    expect(claim?.revision).toBe(1)
  })

  it('gets back later what could not be given back, and what was written for a claim that failed', async () => {
    const { network, claims } = await setUp(2)
    const claim = await network.settle(claims[0]!.claim(sid))
    network.faults.elect(9_000)
    await network.settle(claim!.release())
    expect(network.remains.streams).toBe(1)
    // Nobody waits for that.
    await network.run(7_000)
    const next = await network.settle(claims[1]!.claim(sid))
    expect(next!.epoch).toBeGreaterThan(claim!.epoch)
    await network.run(20_000)
    expect(next!.isHeld).toBe(true)
    await network.settle(next!.release())
    network.faults.loseAnswers(1)
    const asked = claims[0]!.claim(sid)
    await network.run(3_000)
    network.faults.loseAnswers(0)
    network.faults.elect(13_000)
    await expect(network.settle(asked)).rejects.toMatchObject({ code: 'RTMP_ERR_DIRECTORY_DOWN' })
    await network.run(2_100)
    expect(network.remains.streams).toBe(1)
    await network.run(10_000)
    expect(network.remains.streams).toBe(0)
  })

  it('does not end what is published, nor does its return', async () => {
    const { network, claims } = await setUp(3)
    const held = await network.settle(
      Promise.all(claims.map((each, index) => each.claim(sid.replace('0', `${index}`)))),
    )
    const start = network.faults.stopServers()
    await network.run(60_000)
    start()
    await network.run(40_000)
    expect(held.map(each => each?.isHeld)).toEqual([true, true, true])
  })
})

describe('a node that is back', () => {
  it('says at once what it publishes, to those who have asked in vain', async () => {
    const { network, nodes, claim } = await setUp(2)
    const held = await claim(0)
    for (const bus of nodes[0]!.buses) bus.goDown()
    const told: string[] = []
    nodes[1]!.carrier.control.subscribe(subjects.epochs(sid), ({ payload }) => void told.push(payload.toString()))
    await network.run(1_000)
    for (const bus of nodes[0]!.buses) bus.goUp()
    await network.run(10)
    expect(told).toEqual([JSON.stringify({ epoch: held!.epoch, node: 'node0' })])
  })
})

describe('publishing without a directory', () => {
  it('is claimed when the directory is back, under another epoch', async () => {
    const { network, claims } = await setUp(2, 'local')
    const start = network.faults.stopServers()
    const claim = await network.settle(claims[0]!.claim(sid))
    expect(claim?.isHeld).toBe(true)
    const { epoch } = claim!
    expect(epoch).toBeLessThan(2 ** 26)
    const numbers: number[] = []
    claim!.whenRenumbered(each => numbers.push(each))
    await network.run(10_000)
    expect(numbers).toEqual([])
    start()
    await network.run(15_000)
    expect(numbers).toEqual([claim!.epoch])
    expect(claim!.epoch).toBeGreaterThan(2 ** 26)
    expect(await network.settle(claims[1]!.claim(sid))).toBeUndefined()
  })

  it('ends when somebody else has the name: of two, one goes on', async () => {
    const { network, claims } = await setUp(2, 'local')
    const heals = ['node0', 'node1'].map(name => network.faults.cutOff(name))
    const held = await network.settle(Promise.all(claims.map(each => each.claim(sid))))
    expect(held.map(each => each?.isHeld)).toEqual([true, true])
    for (const heal of heals) heal()
    await network.run(35_000)
    expect(held.filter(each => each?.isHeld)).toHaveLength(1)
    expect(held.filter(each => each?.lost.aborted)).toHaveLength(1)
  })

  it('leaves nothing behind when it ends before the directory is back', async () => {
    const { network, claims } = await setUp(1, 'local')
    const start = network.faults.stopServers()
    const claim = await network.settle(claims[0]!.claim(sid))
    await network.settle(claim!.release())
    start()
    await network.run(60_000)
    expect(network.remains.streams).toBe(0)
    expect(claims[0]!.held).toEqual([])
  })
})

describe('a directory that has forgotten', () => {
  it.each([
    ['a write', 'forget'],
    ['everything', 'recreate'],
  ] as const)('%s is told again by the owner, within 30 s, under the same epoch', async (_, fault) => {
    const { network, nodes, claims } = await setUp(2)
    const claim = await network.settle(claims[0]!.claim(sid))
    const { epoch } = claim!
    network.faults[fault](1)
    expect(network.remains.streams).toBe(0)
    await network.run(31_000)
    const entry = await network.settle(nodes[1]!.stores.streams.get(sid))
    expect(parseOwner(entry!.value)).toEqual({ node: 'node0', claim: claim!.id })
    expect(claim!.epoch).toBe(epoch)
    expect(await network.settle(claims[1]!.claim(sid))).toBeUndefined()
    await network.settle(claim!.release())
    expect(network.remains.streams).toBe(0)
    expect((await network.settle(claims[1]!.claim(sid)))!.epoch).toBeGreaterThan(epoch)
  })

  it('ends the earlier of two owners that come of it, at once', async () => {
    const { network, claims } = await setUp(2)
    const first = await network.settle(claims[0]!.claim(sid))
    network.faults.recreate()
    const second = await network.settle(claims[1]!.claim(sid))
    expect(second!.epoch).toBeGreaterThan(first!.epoch)
    await network.run(10)
    expect([first!.lost.aborted, second!.lost.aborted]).toEqual([true, false])
  })

  it('ends the earlier of two owners also when it has not heard of the other', async () => {
    const { network, claims } = await setUp(2)
    const first = await network.settle(claims[0]!.claim(sid))
    const heal = network.faults.partition(['node0'], { noticedAfter: 0 })
    const second = await network.settle(claims[1]!.claim(sid))
    await network.run(60_000)
    expect([first!.isHeld, second!.isHeld]).toEqual([true, true])
    heal()
    await network.run(35_000)
    expect([first!.lost.aborted, second!.lost.aborted]).toEqual([true, false])
  })

  it('numbers no claim of the directory before with the one that was made anew', async () => {
    const { network, nodes, claim } = await setUp(2)
    await claim(0, newSid())
    const { streams } = nodes[1]!.stores
    const create = streams.create.bind(streams)
    const revisions: (number | undefined)[] = []
    streams.create = async (...of) => {
      const revision = await create(...of)
      revisions.push(revision)
      if (revisions.length === 1) network.faults.recreate()
      return revision
    }
    const held = await claim(1)
    expect(revisions).toEqual([2, 1])
    expect(held!.revision).toBe(1)
    expect(held!.epoch).toBe(epochOf({ created: await network.settle(streams.created()), revision: 1 }))
  })

  it.each([
    ['that was cut off', false],
    ['that was cut off while it was made anew', true],
  ])('gives one that is restored %s a number that no follower of another owner refuses', async (_when, isRemade) => {
    const { network, nodes, claim } = await setUp(2)
    const held = await claim(0)
    for (const bus of nodes[0]!.buses) bus.goDown()
    const other = await claim(1)
    await network.settle(other!.release())
    if (isRemade) network.faults.recreate()
    for (const bus of nodes[0]!.buses) bus.goUp()
    await network.run(35_000)
    expect(held!.isHeld).toBe(true)
    expect(held!.epoch).toBeGreaterThan(other!.epoch)
  })

  it('leaves one owner when it gives the same revision out twice', async () => {
    const { network, claims } = await setUp(2)
    const first = await network.settle(claims[0]!.claim(sid))
    network.faults.forget(1)
    const second = await network.settle(claims[1]!.claim(sid))
    expect(second!.epoch).toBe(first!.epoch)
    await network.run(5_000)
    expect([first, second].filter(each => each!.isHeld)).toHaveLength(1)
  })
})

describe('a directory that can not number claims any more', () => {
  it('lets what is published go on, and ends no process', async () => {
    const { network, nodes, claims, claim } = await setUp(2)
    const held = await claim(0)
    // Another has the name there, under a revision of which no epoch can be made.
    const { streams } = nodes[1]!.stores
    const entry = await network.settle(streams.get(sid))
    await network.settle(streams.update(sid, Buffer.from('{"node":"other","claim":"other"}'), entry!.revision))
    const created = nodes[0]!.stores.streams.created
    nodes[0]!.stores.streams.created = async () => 0
    await network.run(40_000)
    expect(held!.isHeld).toBe(true)
    nodes[0]!.stores.streams.created = created
    await network.run(40_000)
    expect(held!.isHeld).toBe(false)
    expect(claims[0]!.held).toEqual([])
  })
})

describe('a claim', () => {
  it('has come to its end before its server stops waiting, be it for a dead owner or the directory', async () => {
    const { network, nodes, claims, claim } = await setUp(2, 'local')
    await claim(0)
    for (const bus of nodes[0]!.buses) bus.hold('both')
    await network.run(100)
    let begun = network.clock.now()
    expect((await claim(1))?.isHeld).toBe(true)
    expect(network.clock.now() - begun).toBeLessThan(claimTimeout)
    network.faults.stopServers()
    begun = network.clock.now()
    expect((await network.settle(claims[1]!.claim(newSid())))?.isHeld).toBe(true)
    expect(network.clock.now() - begun).toBeLessThan(claimTimeout)
  })
})

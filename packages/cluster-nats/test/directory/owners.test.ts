import { describe, expect, it } from 'vitest'
import { Claims } from '../../src/directory/claims.ts'
import { promptStart, reconnectTime, returnGrace, unknownPause } from '../../src/directory/limits.ts'
import { answerMessage, ownerMessage } from '../../src/directory/messages.ts'
import { subjects } from '../../src/wire/subjects.ts'
import { newSid, setUp, sid } from '../support/claiming-nodes.ts'

describe('a claim of what another node has', () => {
  it('takes the name of a process that is gone as soon as it can not be one that changes its server', async () => {
    const { network, claim } = await setUp(2)
    await claim(0)
    network.faults.kill('node0')
    const begun = network.clock.now()
    expect(await claim(1)).toBeDefined()
    expect(network.clock.now() - begun).toBeLessThan(reconnectTime + unknownPause + 20)
  })

  it('takes the name of a node at once that has said goodbye, or for so long has not said that it lives', async () => {
    const { network, nodes, claim } = await setUp(2)
    const { streams } = nodes[0]!.stores
    await network.settle(streams.create(sid, ownerMessage({ node: 'gone', claim: 'of-it' })))
    const begun = network.clock.now()
    expect(await claim(1)).toBeDefined()
    expect(network.clock.now() - begun).toBeLessThan(2 * unknownPause)
  })

  it('waits for such a node too after a server was lost: all of NATS may have been down, and every lease forgotten', async () => {
    const { network, nodes, claim } = await setUp(2)
    await network.settle(nodes[0]!.stores.streams.create(sid, ownerMessage({ node: 'gone', claim: 'of-it' })))
    network.faults.killServer([])
    const begun = network.clock.now()
    expect(await claim(1)).toBeDefined()
    expect(network.clock.now() - begun).toBeGreaterThan(returnGrace - 1)
    expect(network.clock.now() - begun).toBeLessThan(returnGrace + 500)
  })

  it('takes the name of a process that is gone while servers come and go, after 12 s', async () => {
    const { network, claim } = await setUp(2)
    await claim(0)
    network.faults.kill('node0')
    const loseAgain = () => {
      network.faults.killServer([])
      network.clock.after(2_000, loseAgain)
    }
    loseAgain()
    const begun = network.clock.now()
    expect(await claim(1)).toBeDefined()
    expect(network.clock.now() - begun).toBeGreaterThan(12_000)
    expect(network.clock.now() - begun).toBeLessThan(13_000)
  })

  it('asks often whether such a node is back, and less often the longer it is away', async () => {
    const { network, nodes, claim } = await setUp(2)
    await claim(0)
    const { control } = nodes[1]!.carrier
    const ask = control.ask.bind(control)
    const asked: number[] = []
    control.ask = (...of) => {
      asked.push(network.clock.now())
      return ask(...of)
    }
    network.faults.kill('node0')
    network.faults.killServer([])
    expect(await claim(1)).toBeDefined()
    expect(asked.filter(time => time - asked[0]! < reconnectTime).length).toBeGreaterThan(4)
    expect(asked.length).toBeLessThan(30)
  })

  it.each([
    ['before, as its own sign of life was not taken', 3_200],
    ['during the claim', 1_300],
  ])('leaves the name to a node that is not back yet after the directory was down %s', async (_, asksAfter) => {
    const { network, nodes, claims, claim } = await setUp(2)
    const held = await claim(0)
    await claim(1, newSid())
    network.faults.elect(2_500)
    await network.run(asksAfter)
    for (const bus of nodes[0]!.buses) bus.goDown()
    const asked = claims[1]!.claim(sid)
    await network.run(2_000)
    for (const bus of nodes[0]!.buses) bus.goUp()
    expect(await network.settle(asked)).toBeUndefined()
    expect(held!.isHeld).toBe(true)
  })

  it('takes its start for the end of an outage when it is not connected soon', async () => {
    for (const [connectsAfter, waits] of [
      [promptStart / 2, false],
      [promptStart + 500, true],
    ] as const) {
      const { network, nodes } = await setUp(1)
      await network.settle(nodes[0]!.stores.streams.create(sid, ownerMessage({ node: 'gone', claim: 'of-it' })))
      const { name, buses, carrier, stores, clock } = network.node('late')
      for (const bus of buses) bus.goDown()
      const late = new Claims({ node: name, bus: carrier.control, stores, clock })
      await network.run(connectsAfter)
      for (const bus of buses) bus.goUp()
      const begun = network.clock.now()
      expect(await network.settle(late.claim(sid))).toBeDefined()
      expect(network.clock.now() - begun > returnGrace - 1).toBe(waits)
    }
  })

  it('leaves the name to a node whose connection is away for a moment', async () => {
    const { network, nodes, claims, claim } = await setUp(2)
    const held = await claim(0)
    for (const bus of nodes[0]!.buses) bus.goDown()
    const asked = claims[1]!.claim(sid)
    await network.run(reconnectTime - unknownPause)
    for (const bus of nodes[0]!.buses) bus.goUp()
    expect(await network.settle(asked)).toBeUndefined()
    expect(held!.isHeld).toBe(true)
  })

  it('leaves the name to a node whose server is lost, also when another one is not found soon', async () => {
    const { network, claim } = await setUp(2)
    const held = await claim(0)
    for (const backAfter of [90, 2_500]) {
      network.faults.killServer(['node0'], { backAfter })
      expect(await claim(1)).toBeUndefined()
    }
    await network.run(40_000)
    expect(held!.isHeld).toBe(true)
  })

  it('leaves the name to a node that says in the meantime that it lives', async () => {
    const { network, nodes, claims } = await setUp(2)
    const { stores, carrier } = nodes[0]!
    await network.settle(stores.nodes.put('owner', Buffer.from('{}')))
    await network.settle(stores.streams.create(sid, ownerMessage({ node: 'owner', claim: 'of-it' })))
    const asked = claims[1]!.claim(sid)
    await network.run(reconnectTime - 50)
    await network.settle(stores.nodes.put('owner', Buffer.from('{}')))
    await network.run(100)
    carrier.control.subscribe(subjects.node('owner'), ({ reply }) =>
      carrier.control.publish(reply!, answerMessage('kept')),
    )
    expect(await network.settle(asked)).toBeUndefined()
  })

  it('does not take an owner for gone that is only not back yet, after the network was down for all', async () => {
    const { network, nodes, claims, claim } = await setUp(2)
    const held = await claim(0)
    for (const { buses } of nodes) for (const bus of buses) bus.goDown()
    await network.run(5_000)
    for (const bus of nodes[1]!.buses) bus.goUp()
    const asked = claims[1]!.claim(sid)
    await network.run(1_200)
    for (const bus of nodes[0]!.buses) bus.goUp()
    expect(await network.settle(asked)).toBeUndefined()
    expect(held!.isHeld).toBe(true)
    // Nor does it wait long for one that is gone.
    for (const bus of nodes[0]!.buses) bus.goDown()
    for (const bus of nodes[1]!.buses) bus.goDown()
    await network.run(1_000)
    for (const bus of nodes[1]!.buses) bus.goUp()
    const begun = network.clock.now()
    expect((await claim(1))?.isHeld).toBe(true)
    expect(network.clock.now() - begun).toBeLessThan(4_000)
  })

  it('waits for an owner that is silent until its lease has not been renewed for 12 s', async () => {
    const { network, claims, claim } = await setUp(2)
    const first = await claim(0)
    network.faults.partition(['node0'], { noticedAfter: Infinity })
    const begun = network.clock.now()
    const second = await network.settle(claims[1]!.claim(sid))
    const waited = network.clock.now() - begun
    expect(waited).toBeGreaterThan(12_000)
    expect(waited).toBeLessThan(17_000)
    expect(second!.epoch).toBeGreaterThan(first!.epoch)
  })

  it('leaves the name to an owner that is silent and lives', async () => {
    const { network, claims, claim } = await setUp(2)
    const first = await claim(0)
    const heal = network.faults.partition(['node1'], { directory: 'both', noticedAfter: Infinity })
    const asked = claims[1]!.claim(sid)
    expect(await network.settle(asked)).toBeUndefined()
    heal()
    expect(first!.lost.aborted).toBe(false)
  })
})

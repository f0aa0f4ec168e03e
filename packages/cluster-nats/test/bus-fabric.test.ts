import { StreamLostError } from '@rtmpipe/cluster'
import { silentLogger } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import type { Store, Stores } from '../src/contract/store.ts'
import { isLocalEpoch } from '../src/wire/epoch.ts'
import { BusCluster, key, RunningJoin } from './support/bus-cluster.ts'
import { Counting } from './support/counting.ts'

/** A directory that is not to be asked. */
function untouchable(): Stores {
  const store = new Proxy({} as Store, {
    get: (_target, name) => () => {
      throw new Error(`the directory was asked to ${String(name)}`)
    },
  })
  return { streams: store, nodes: store }
}

/** From a keyframe on, without hole or double. */
function expectWhole(times: readonly number[]): void {
  expect((times[0] as number) % 100).toBe(0)
  const broken = times.findIndex((time, index) => index > 0 && time !== (times[index - 1] as number) + 1)
  expect(broken).toBe(-1)
}

describe('who joins', () => {
  it('asks who publishes, never the directory, and has what was written within a turn', async () => {
    const cluster = new BusCluster()
    const publish = await cluster.publish(cluster.fabric('origin'))
    const fabric = cluster.fabric('edge', { stores: untouchable() })
    const join = new RunningJoin(cluster.network, fabric)
    await cluster.network.run(5_000)
    publish.stream.endPublish()
    await cluster.network.run(10)
    expectWhole(join.times)
    expect(join.times.length).toBeGreaterThan(490)
    const late = join.received
      .filter(({ message }) => message.timestamp > 150)
      .map(({ message, at }) => at - (publish.writtenAt[message.timestamp] as number))
    // Two hops, and no window in which anything is gathered.
    expect(late.toSorted((a, b) => a - b)[Math.floor(late.length * 0.99)]).toBeLessThan(3)
    expect(join.ends).toEqual(['end'])
  })

  it('has no hole, 400 times while the stream runs', async () => {
    const cluster = new BusCluster()
    const { network } = cluster
    await cluster.publish(cluster.fabric('origin'))
    const fabrics = Array.from({ length: 20 }, (_, index) => cluster.fabric(`edge${index}`))
    await network.run(1_500)
    const joins: RunningJoin[] = []
    for (let count = 0; count < 400; count += 1) {
      const join = new RunningJoin(network, fabrics[count % 20] as (typeof fabrics)[0])
      joins.push(join)
      // Some share a snapshot, some have one alone.
      await network.run(network.clock.random() * 40)
      joins[count - 40]?.leave()
    }
    await network.run(1_000)
    for (const join of joins) {
      expect(join.times.length).toBeGreaterThan(60)
      expectWhole(join.times)
    }
    expect(fabrics.map(({ counts }) => counts.holes + counts.rejoins + counts.lost)).toEqual(fabrics.map(() => 0))
  })

  it('tells how many streams are joined and offered, those that go on, each once', async () => {
    const cluster = new BusCluster()
    const { network } = cluster
    const [origin, edge] = [cluster.fabric('origin'), cluster.fabric('edge')]
    const joins = [edge, edge, origin].map(fabric => new RunningJoin(network, fabric))
    await network.run(1_000)
    expect([origin.streams, edge.streams]).toEqual(Array(2).fill({ joined: 0, offered: 0 }))
    const publish = await cluster.publish(origin)
    await network.run(1_000)
    expect([origin.streams, edge.streams]).toEqual([
      { joined: 0, offered: 1 },
      { joined: 1, offered: 0 },
    ])
    await network.settle(publish.end())
    await network.run(1_000)
    expect([origin.streams, edge.streams]).toEqual(Array(2).fill({ joined: 0, offered: 0 }))
    for (const join of joins) join.leave()
  })

  it('has it at once, 200 together', async () => {
    const cluster = new BusCluster()
    const { network } = cluster
    const publish = await cluster.publish(cluster.fabric('origin'))
    await network.run(1_500)
    const joins = Array.from({ length: 200 }, (_, index) => new RunningJoin(network, cluster.fabric(`edge${index}`)))
    const start = network.clock.now()
    await network.runUntil(() => joins.every(({ received }) => received.length > 0), 1_000)
    expect(network.clock.now() - start).toBeLessThan(60)
    expect(publish.stream.consumerCount).toBe(1)
    await network.run(500)
    for (const join of joins) expectWhole(join.times)
  })

  it('waits while its node holds too much that nobody reads, which is logged once', async () => {
    const cluster = new BusCluster()
    const { network } = cluster
    await cluster.publish(cluster.fabric('origin'))
    const lines: unknown[] = []
    const say = (fields: object, message: string) => void lines.push({ ...fields, message })
    const log = { ...silentLogger, warn: say, info: say }
    const fabric = cluster.fabric('edge', { maxUnreadBytes: 1_000, log })
    const streams = fabric.join(key, { signal: new AbortController().signal })[Symbol.asyncIterator]()
    const { value: unread } = await network.settle(streams.next())
    await network.run(1_000)
    const join = new RunningJoin(network, fabric)
    await network.run(5_000)
    expect([join.streams.length, lines]).toEqual([
      0,
      [{ bytes: expect.any(Number), message: expect.stringContaining('joins no more streams') }],
    ])
    expect(fabric.counts.refused).toBeGreaterThan(2)
    unread.messages.resume()
    await network.run(2_100)
    expectWhole(join.times)
    expect(lines.length).toBe(2)
  })

  it('leaves no subscription, question, timer or listener behind, 10,000 times', async () => {
    const cluster = new BusCluster(64)
    const { network } = cluster
    const publish = await cluster.publish(cluster.fabric('origin'))
    const counting = new Counting()
    const { carrier, clock } = cluster.node('edge')
    const fabric = cluster.fabric('edge', { carrier: counting.carrier(carrier), clock: counting.clock(clock) })
    // What each connection has for good, from the first join on.
    new RunningJoin(network, fabric).leave()
    await network.run(20_000)
    const before = counting.all
    const { subscriptions } = network.remains
    for (let round = 0; round < 100; round += 1) {
      const joins = Array.from({ length: 100 }, () => new RunningJoin(network, fabric))
      await network.run([1, 5, 25, 600][round % 4] as number)
      for (const join of joins) join.leave()
    }
    await network.run(20_000)
    expect(counting.all).toEqual(before)
    expect([network.remains.subscriptions, network.remains.questions]).toEqual([subscriptions, 0])
    expect(publish.stream.consumerCount).toBe(0)
    const last = new RunningJoin(network, fabric)
    await network.run(100)
    expectWhole(last.times)
  }, 60_000)
})

describe('a frozen node', () => {
  it.each([
    ['whose connection lasts', false],
    ['whose connection is given up', true],
  ])('%s hands on nothing older than three seconds when it thaws, and others notice nothing', async (_, isGivenUp) => {
    const cluster = new BusCluster()
    const { network } = cluster
    const publish = await cluster.publish(cluster.fabric('origin'))
    const [join, other] = ['edge', 'other'].map(name => new RunningJoin(network, cluster.fabric(name)))
    if (join === undefined || other === undefined) return
    await network.run(10_000)
    const { length } = join.received
    const edge = cluster.node('edge')
    const thaw = isGivenUp ? network.faults.freeze('edge') : () => edge.thaw()
    edge.freeze()
    await network.run(20_000)
    thaw()
    for (const bus of edge.buses) bus.takeHeld()
    await network.run(10_000)
    const since = join.received.slice(length).filter(({ message }) => message.timestamp > 0)
    expect(since.length).toBeGreaterThan(800)
    for (const { message, at } of since)
      expect(at - (publish.writtenAt[message.timestamp] as number)).toBeLessThan(3_000)
    expect(since.at(-1)?.message.timestamp).toBeGreaterThan(3_990)
    expectWhole(other.times)
  })
})

describe('a publish', () => {
  it('that moves to another node is followed there, under the greater epoch', async () => {
    const cluster = new BusCluster()
    const { network } = cluster
    const first = await cluster.publish(cluster.fabric('one'))
    const join = new RunningJoin(network, cluster.fabric('edge'))
    await network.run(1_000)
    await network.settle(first.end())
    const second = await cluster.publish(cluster.fabric('two'))
    const { length } = join.received
    await network.run(1_000)
    expect(join.streams.map(({ epoch }) => epoch)).toEqual([first.claim.epoch, second.claim.epoch])
    expect(join.ends).toEqual(['end'])
    expect(join.received.length).toBeGreaterThan(length + 90)
  })

  it('whose node is killed is lost, and joined again where it comes back', async () => {
    const cluster = new BusCluster()
    const { network } = cluster
    await cluster.publish(cluster.fabric('one'))
    const join = new RunningJoin(network, cluster.fabric('edge'))
    await network.run(1_000)
    network.faults.kill('one')
    await network.run(3_000)
    expect(join.ends).toEqual([expect.any(StreamLostError)])
    const start = network.clock.now()
    const second = await cluster.publish(cluster.fabric('two'))
    await network.runUntil(() => join.streams.length === 2, 1_000)
    expect(join.streams[1]?.epoch).toBe(second.claim.epoch)
    expect(network.clock.now() - start).toBeLessThan(300)
  })

  it('goes on while all servers are down and back, in the same stream', async () => {
    const cluster = new BusCluster()
    const { network } = cluster
    await cluster.publish(cluster.fabric('one'))
    const join = new RunningJoin(network, cluster.fabric('edge'))
    await network.run(5_000)
    const start = network.faults.stopServers()
    await network.run(60_000)
    start()
    const { length } = join.received
    await network.runUntil(() => join.received.length > length, 3_000)
    expect(join.received.length).toBeGreaterThan(length)
    expect([join.streams.length, join.ends]).toEqual([1, []])
    await network.run(60_000)
    expect([join.streams.length, join.ends]).toEqual([1, []])
  })

  it('begun without a directory is joined, and goes on under the epoch that it gets later', async () => {
    const cluster = new BusCluster()
    const { network } = cluster
    const join = new RunningJoin(network, cluster.fabric('edge'))
    network.faults.elect(20_000)
    const publish = await cluster.publish(cluster.fabric('one', { whenDirectoryDown: 'local' }))
    await network.run(1_000)
    const [local] = join.streams
    expect(isLocalEpoch(local?.epoch ?? 0)).toBe(true)
    await network.run(30_000)
    expect(join.streams.map(({ epoch }) => epoch)).toEqual([local?.epoch, publish.claim.epoch])
    expect(isLocalEpoch(publish.claim.epoch)).toBe(false)
    const { length } = join.received
    await network.run(1_000)
    expect(join.received.length).toBeGreaterThan(length + 90)
  })
})

describe('a fabric', () => {
  it('that is disposed ends its joins, and leaves nothing behind in the network', async () => {
    const cluster = new BusCluster()
    const { network } = cluster
    const [one, two] = [cluster.fabric('one'), cluster.fabric('two')]
    await cluster.publish(one)
    const join = new RunningJoin(network, two)
    const waiting = new RunningJoin(network, one)
    await network.run(1_000)
    await network.settle(Promise.all([two[Symbol.asyncDispose](), one[Symbol.asyncDispose]()]))
    await network.settle(Promise.all([join.over, waiting.over]))
    expect(join.ends).toEqual([expect.any(StreamLostError)])
    await network.run(10_000)
    expect(network.remains).toEqual({ subscriptions: 0, questions: 0, streams: 0 })
  })
})

import { StreamLostError } from '@rtmpipe/cluster'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { newCounts } from '../../src/edge/counts.ts'
import { JoinPaces } from '../../src/edge/join-pace.ts'
import type { MemoryBus } from '../../src/memory/memory-bus.ts'
import { Follow } from '../support/follow.ts'
import { epoch, oneName } from '../support/one-name.ts'

describe('who follows a name', () => {
  it('gets what the origin begins with, and then every message once', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    one.lose(samples.videoHeader(), samples.keyframe(0))
    one.beginning = [samples.videoHeader(), samples.keyframe(0)]
    const follow = new Follow(edge)
    await network.run(10)
    one.send(samples.audio(20), samples.interframe(40))
    one.send(samples.audio(60))
    await network.run(1_000)
    one.send(samples.audio(80))
    await network.run(10)
    expect(follow.told).toEqual(['v0', 'v0', 'a20', 'v40', 'a60', 'a80'])
    expect([follow.streams[0]?.epoch, one.joins, follow.counts]).toEqual([epoch, 1, newCounts()])
  })

  it('has what is published while the network was down for all, whoever is back first', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    const { buses } = network.node(`origin${epoch}`)
    for (const bus of [...edge.buses, ...buses]) bus.goDown()
    const follow = new Follow(edge)
    await network.run(500)
    for (const bus of edge.buses) bus.goUp()
    await network.run(2_000)
    one.beginning = [samples.keyframe(0)]
    for (const bus of buses) bus.goUp()
    await network.run(2_500)
    expect(follow.told).toEqual(['v0'])
  })

  it('asks in turns, if many follow names by one connection', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    one.mode = 'silent'
    const paces = new JoinPaces(edge.clock)
    const follows = Array.from({ length: 40 }, () => new Follow(edge, { paces }))
    await network.run(100)
    expect(one.joins).toBe(8)
    one.mode = 'inbox'
    one.beginning = [samples.keyframe(0)]
    for (const { remote } of follows.slice(8, 12)) remote.close()
    await network.run(1_000)
    expect(follows.map(({ received }) => received.length)).toEqual(
      follows.map((_, index) => Number(index < 8 || index > 11)),
    )
  })

  it('takes a snapshot for several, and what came before it was asked for is not missing', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    one.mode = 'shared'
    const follow = new Follow(edge)
    await network.run(10)
    one.lose(samples.keyframe(0))
    one.beginning = [samples.keyframe(0)]
    one.send(samples.audio(20))
    await network.run(5)
    one.beginning = [samples.keyframe(0), samples.audio(20)]
    one.shareSnapshot()
    one.send(samples.audio(40))
    await network.run(10)
    expect(follow.told).toEqual(['v0', 'a20', 'a40'])
  })

  it('keeps what overtakes the snapshot', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    one.mode = 'shared'
    one.beginning = [samples.keyframe(0)]
    const follow = new Follow(edge)
    await network.run(10)
    one.send(samples.audio(20))
    one.send(samples.audio(40))
    await network.run(10)
    one.shareSnapshot(0)
    await network.run(10)
    expect(follow.told).toEqual(['v0', 'a20', 'a40'])
  })

  it('listens to that publish alone as soon as something has come so', async () => {
    const { network, edge, origin } = oneName()
    origin()
    const follow = new Follow(edge)
    await network.run(400)
    // The origin to joins, the edge to announcements, and to frames and snapshots of whatever publish.
    expect([follow.streams.length, network.remains]).toMatchObject([1, { subscriptions: 4, questions: 1 }])
    await network.run(1_100)
    expect(network.remains).toMatchObject({ subscriptions: 3, questions: 0 })
  })

  it('loses nothing when it begins to listen to one publish alone', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
    await network.run(450)
    for (let time = 0; time < 1_000; time += 1) {
      one.send(samples.audio(time))
      await network.run(0.1)
    }
    await network.run(10)
    expect([follow.told.length, follow.counts.holes, network.remains.questions]).toEqual([1_000, 0, 0])
  })

  it('asks once more after half a second, and is content with one answer', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    one.mode = 'silent'
    const follow = new Follow(edge)
    await network.run(450)
    expect(one.joins).toBe(1)
    one.mode = 'inbox'
    await network.run(100)
    expect([one.joins, follow.streams.length]).toEqual([2, 1])
    await network.run(30_000)
    expect(follow.streams.length).toBe(1)
  })

  it('waits as long as an origin asks it to', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    one.mode = 'busy'
    const follow = new Follow(edge)
    await network.run(990)
    expect(one.joins).toBe(1)
    one.mode = 'inbox'
    await network.run(1_100)
    expect([one.joins, follow.streams.length]).toEqual([2, 1])
  })

  it('joins at once who says to publish now', async () => {
    const { network, edge, origin } = oneName()
    const follow = new Follow(edge)
    await network.run(60_000)
    const one = origin()
    one.announce()
    await network.run(10)
    expect(follow.streams.length).toBe(1)
  })

  it('finds who publishes without having been heard, in some ten seconds', async () => {
    const { network, edge, origin } = oneName()
    const follow = new Follow(edge)
    await network.run(1_000)
    const one = origin()
    await network.run(12_500)
    expect([follow.streams.length, one.joins]).toEqual([1, 1])
  })

  it('goes on asking who says to publish before the network knows', async () => {
    const { network, edge, origin } = oneName()
    const follow = new Follow(edge)
    await network.run(1_000)
    const early = origin()
    early.announce()
    early.close()
    await network.run(300)
    origin()
    await network.run(1_000)
    expect(follow.streams.length).toBe(1)
  })

  it('asks when the network is back, and not all at the same time', async () => {
    const { network, origin } = oneName()
    const follows = Array.from({ length: 20 }, (_, index) => new Follow(network.node(`edge${index}`)))
    await network.run(100)
    for (let index = 0; index < 20; index += 1) for (const bus of network.node(`edge${index}`).buses) bus.goDown()
    const one = origin()
    await network.run(100)
    for (let index = 0; index < 20; index += 1) for (const bus of network.node(`edge${index}`).buses) bus.goUp()
    await network.run(100)
    expect(one.joins).toBeLessThan(15)
    await network.run(450)
    expect(follows.every(({ streams }) => streams.length === 1)).toBe(true)
  })

  it('asks also when only the connection was cut by which it hears who publishes', async () => {
    const { network, edge, origin } = oneName()
    const follow = new Follow(edge)
    await network.run(100)
    const control = edge.carrier.control as MemoryBus
    control.goDown()
    const one = origin()
    one.announce()
    await network.run(10)
    control.goUp()
    await network.run(600)
    expect(follow.streams.length).toBe(1)
  })

  it('does not ask for what its own node publishes, and does so afterwards', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge, { isOurs: true })
    one.announce()
    await network.run(30_000)
    expect([one.joins, follow.streams.length]).toEqual([0, 0])
    follow.isOurs = false
    follow.remote.resume(epoch - 1)
    await network.run(10)
    expect(follow.streams.length).toBe(1)
  })
})

describe('of several origins', () => {
  it.each([
    [0, 1],
    [1, 0],
  ])('the one with the greater epoch is joined, whoever answers first', async (first, second) => {
    const { network, edge, origin } = oneName()
    const [one, two] = [origin(epoch + first), origin(epoch + second)]
    for (const each of [one, two]) each.seq = 10 * first
    one.lose(samples.audio(1))
    const follow = new Follow(edge)
    await network.run(5_000)
    one.send(samples.audio(first))
    two.send(samples.audio(second))
    await network.run(10)
    expect(follow.streams.at(-1)?.epoch).toBe(epoch + 1)
    expect(follow.told).toEqual(['a1'])
  })

  it('a later one takes the place of the one that was joined, whose messages fail', async () => {
    const { network, edge, origin } = oneName()
    origin(epoch)
    const follow = new Follow(edge)
    await network.run(1_000)
    const two = origin(epoch + 1)
    two.announce()
    await network.run(10)
    two.send(samples.audio(0))
    await network.run(10)
    expect(follow.streams.map(stream => stream.epoch)).toEqual([epoch, epoch + 1])
    expect(follow.ends).toEqual([expect.any(StreamLostError)])
    expect(follow.told).toEqual(['a0'])
  })

  it('an earlier one is joined no more, nor one whose publish has ended', async () => {
    const { network, edge, origin } = oneName()
    const two = origin(epoch + 1)
    const follow = new Follow(edge)
    await network.run(1_000)
    const one = origin(epoch)
    one.announce()
    await network.run(1_000)
    two.end()
    await network.run(60_000)
    expect([follow.streams.length, follow.ends]).toEqual([1, ['end']])
    // Each time it is told that it is not wanted.
    expect(one.joins).toBeLessThan(20)
    expect(one.requests.filter(({ leave }) => leave).length).toBeGreaterThan(3)
  })

  it('one without a directory is joined after one with, each once', async () => {
    const { network, edge, origin } = oneName()
    const two = origin(epoch)
    const follow = new Follow(edge)
    await network.run(1_000)
    two.end()
    two.close()
    const local = origin(5)
    local.announce()
    await network.run(1_000)
    expect(follow.streams.map(stream => stream.epoch)).toEqual([epoch, 5])
    local.end()
    await network.run(60_000)
    expect(follow.streams.length).toBe(2)
  })
})

describe('who leaves', () => {
  it('says so, and leaves nothing behind', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
    await network.run(12_000)
    expect(one.requests.filter(({ renew }) => renew).length).toBe(2)
    follow.remote.close()
    await network.run(10)
    expect([follow.isClosed, one.requests.at(-1)?.leave]).toEqual([false, undefined])
    follow.streams[0]?.messages.destroy()
    await network.run(10)
    expect([follow.isClosed, one.requests.at(-1)?.leave]).toEqual([true, true])
    const { length } = one.requests
    await network.run(60_000)
    expect([one.requests.length, network.remains.subscriptions, network.remains.questions]).toEqual([length, 1, 0])
  })

  it('while it is asking leaves nothing behind either', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    one.mode = 'silent'
    const follow = new Follow(edge)
    await network.run(10)
    follow.remote.close()
    await network.run(30_000)
    expect([follow.isClosed, one.joins, one.requests.at(-1)?.leave]).toEqual([true, 1, true])
    expect([network.remains.subscriptions, network.remains.questions]).toEqual([1, 0])
  })

  it('after whose failure somebody goes on following joins again', async () => {
    const { network, edge, origin } = oneName()
    origin()
    const follow = new Follow(edge)
    await network.run(1_000)
    follow.streams[0]?.messages.destroy(new Error('this end has failed'))
    await network.run(200)
    expect(follow.streams.map(stream => stream.epoch)).toEqual([epoch, epoch])
    follow.streams[1]?.messages.destroy()
    await network.run(60_000)
    expect(follow.streams.length).toBe(2)
  })
})

import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { type JoinedStream, StreamLostError } from '@rtmpipe/cluster'
import { samples } from '@rtmpipe/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { newCounts } from '../../src/edge/counts.ts'
import { EdgeMemory } from '../../src/edge/edge-memory.ts'
import { JoinPaces } from '../../src/edge/join-pace.ts'
import { JoinedRemote } from '../../src/edge/joined-remote.ts'
import type { MemoryBus } from '../../src/memory/memory-bus.ts'
import { MemoryNetwork } from '../../src/memory/memory-network.ts'
import type { MemoryNode } from '../../src/memory/memory-node.ts'
import { TestOrigin } from '../support/test-origin.ts'

const sid = 'abcdefghijklmnopqrstuv'
/** An epoch of the directory; greater ones are later. */
const epoch = 2 ** 27

let network: MemoryNetwork
let edge: MemoryNode
beforeEach(() => {
  network = new MemoryNetwork()
  edge = network.node('edge')
})

/** Follows the name on a node, and reads all at once. */
class Follow {
  readonly counts = newCounts()
  readonly memory: EdgeMemory
  readonly streams: JoinedStream[] = []
  /** Of each stream what it has given, and when. */
  readonly received: { readonly message: RtmpMessage; readonly at: number }[][] = []
  readonly ends: (Error | 'end')[] = []
  readonly remote: JoinedRemote
  isOurs: boolean
  isClosed = false

  constructor(
    { name, carrier, clock }: MemoryNode = edge,
    { read = true, isOurs = false, memory = new EdgeMemory(), paces = new JoinPaces(clock) } = {},
  ) {
    const { counts } = this
    this.isOurs = isOurs
    this.memory = memory
    this.remote = new JoinedRemote(
      { node: name, carrier, clock, memory: this.memory, counts, paces },
      sid,
      () => this.isOurs,
      {
        joined: stream => {
          const received: { message: RtmpMessage; at: number }[] = []
          this.streams.push(stream)
          this.received.push(received)
          stream.messages.on('error', (error: Error) => this.ends.push(error))
          stream.messages.on('end', () => this.ends.push('end'))
          if (read) stream.messages.on('data', (message: RtmpMessage) => received.push({ message, at: clock.now() }))
        },
        closed: () => (this.isClosed = true),
      },
    )
  }

  /** What the last stream has given: times, with a mark where there is a discontinuity. */
  get told(): string[] {
    return (this.received.at(-1) ?? []).map(
      ({ message: { messageTypeId, timestamp, discontinuity } }) =>
        `${discontinuity ? '!' : ''}${messageTypeId === 9 ? 'v' : messageTypeId === 8 ? 'a' : 'd'}${timestamp}`,
    )
  }
}

function origin(number = epoch, name = `origin${number}`): TestOrigin {
  return new TestOrigin(network.node(name), sid, number)
}

describe('who follows a name', () => {
  it('gets what the origin begins with, and then every message once', async () => {
    const one = origin()
    one.lose(samples.videoHeader(), samples.keyframe(0))
    one.beginning = [samples.videoHeader(), samples.keyframe(0)]
    const follow = new Follow()
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
    const one = origin()
    const { buses } = network.node(`origin${epoch}`)
    for (const bus of [...edge.buses, ...buses]) bus.goDown()
    const follow = new Follow()
    await network.run(500)
    for (const bus of edge.buses) bus.goUp()
    await network.run(2_000)
    one.beginning = [samples.keyframe(0)]
    for (const bus of buses) bus.goUp()
    await network.run(2_500)
    expect(follow.told).toEqual(['v0'])
  })

  it('asks in turns, if many follow names by one connection', async () => {
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
    const one = origin()
    one.mode = 'shared'
    const follow = new Follow()
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
    const one = origin()
    one.mode = 'shared'
    one.beginning = [samples.keyframe(0)]
    const follow = new Follow()
    await network.run(10)
    one.send(samples.audio(20))
    one.send(samples.audio(40))
    await network.run(10)
    one.shareSnapshot(0)
    await network.run(10)
    expect(follow.told).toEqual(['v0', 'a20', 'a40'])
  })

  it('listens to that publish alone as soon as something has come so', async () => {
    origin()
    const follow = new Follow()
    await network.run(400)
    // The origin to joins, the edge to announcements, and to frames and snapshots of whatever publish.
    expect([follow.streams.length, network.remains]).toMatchObject([1, { subscriptions: 4, questions: 1 }])
    await network.run(1_100)
    expect(network.remains).toMatchObject({ subscriptions: 3, questions: 0 })
  })

  it('loses nothing when it begins to listen to one publish alone', async () => {
    const one = origin()
    const follow = new Follow()
    await network.run(450)
    for (let time = 0; time < 1_000; time += 1) {
      one.send(samples.audio(time))
      await network.run(0.1)
    }
    await network.run(10)
    expect([follow.told.length, follow.counts.holes, network.remains.questions]).toEqual([1_000, 0, 0])
  })

  it('asks once more after half a second, and is content with one answer', async () => {
    const one = origin()
    one.mode = 'silent'
    const follow = new Follow()
    await network.run(450)
    expect(one.joins).toBe(1)
    one.mode = 'inbox'
    await network.run(100)
    expect([one.joins, follow.streams.length]).toEqual([2, 1])
    await network.run(30_000)
    expect(follow.streams.length).toBe(1)
  })

  it('waits as long as an origin asks it to', async () => {
    const one = origin()
    one.mode = 'busy'
    const follow = new Follow()
    await network.run(990)
    expect(one.joins).toBe(1)
    one.mode = 'inbox'
    await network.run(1_100)
    expect([one.joins, follow.streams.length]).toEqual([2, 1])
  })

  it('joins at once who says to publish now', async () => {
    const follow = new Follow()
    await network.run(60_000)
    const one = origin()
    one.announce()
    await network.run(10)
    expect(follow.streams.length).toBe(1)
  })

  it('finds who publishes without having been heard, in some ten seconds', async () => {
    const follow = new Follow()
    await network.run(1_000)
    const one = origin()
    await network.run(12_500)
    expect([follow.streams.length, one.joins]).toEqual([1, 1])
  })

  it('goes on asking who says to publish before the network knows', async () => {
    const follow = new Follow()
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
    const follow = new Follow()
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

describe('a node that holds too much', () => {
  const kilobyte = 1024
  const snapshot = [samples.keyframe(0, 100 * kilobyte)]

  it('joins no more streams until what it has is read, and counts that', async () => {
    const one = origin()
    one.beginning = snapshot
    const told: boolean[] = []
    const memory = new EdgeMemory(isFull => told.push(isFull), 100 * kilobyte)
    const first = new Follow(edge, { read: false, memory })
    await network.run(10)
    expect(memory.bytes).toBeGreaterThan(100 * kilobyte)
    const second = new Follow(edge, { memory })
    await network.run(30_000)
    expect([first.streams.length, second.streams.length, one.joins, told]).toEqual([1, 0, 1, [true]])
    expect(second.counts.refused).toBeGreaterThan(10)
    first.streams[0]?.messages.resume()
    await network.run(2_000)
    // What the first had is too old by then, so it has asked again.
    expect([second.streams.length, one.joins, told]).toEqual([1, 3, [true, false]])
    expect(second.told).toEqual(['v0'])
  })

  it('takes none of the snapshots that it has asked for already, and says so to who sends', async () => {
    const one = origin()
    one.beginning = snapshot
    one.mode = 'shared'
    const memory = new EdgeMemory(undefined, 250 * kilobyte)
    const follows = Array.from({ length: 5 }, () => new Follow(edge, { read: false, memory }))
    await network.run(10)
    one.shareSnapshot()
    await network.run(10)
    expect(follows.map(({ streams }) => streams.length)).toEqual([1, 1, 1, 0, 0])
    expect(one.requests.filter(({ leave }) => leave).length).toBe(2)
    for (const { streams } of follows) streams[0]?.messages.destroy()
    expect(memory.bytes).toBe(0)
  })

  it('is asked of what it has joined all the same', async () => {
    const one = origin()
    one.beginning = snapshot
    const memory = new EdgeMemory(undefined, 50 * kilobyte)
    const follow = new Follow(edge, { read: false, memory })
    await network.run(10)
    const two = origin(epoch + 1)
    two.beginning = [samples.keyframe(1, 10 * kilobyte)]
    two.announce()
    await network.run(10)
    expect(follow.streams.map(stream => stream.epoch)).toEqual([epoch, epoch + 1])
    expect(memory.bytes).toBeLessThan(20 * kilobyte)
  })

  it('counts frames that come before it knows whom to join, and parts of messages', async () => {
    const one = origin()
    one.mode = 'shared'
    const memory = new EdgeMemory()
    const follow = new Follow(edge, { memory })
    await network.run(10)
    one.send(samples.audio(0), samples.keyframe(1, 10 * kilobyte))
    await network.run(10)
    expect(memory.bytes).toBeGreaterThan(10 * kilobyte)
    one.shareSnapshot()
    await network.run(600)
    expect([follow.streams.length, memory.bytes]).toEqual([1, 0])
    one.sendParts(samples.keyframe(2, 600 * kilobyte), 2)
    await network.run(10)
    expect(memory.bytes).toBeGreaterThan(500 * kilobyte)
    one.tick()
    await network.run(10)
    expect(memory.bytes).toBe(0)
    follow.remote.close()
  })
})

describe('of several origins', () => {
  it.each([
    [0, 1],
    [1, 0],
  ])('the one with the greater epoch is joined, whoever answers first', async (first, second) => {
    const [one, two] = [origin(epoch + first), origin(epoch + second)]
    for (const each of [one, two]) each.seq = 10 * first
    one.lose(samples.audio(1))
    const follow = new Follow()
    await network.run(5_000)
    one.send(samples.audio(first))
    two.send(samples.audio(second))
    await network.run(10)
    expect(follow.streams.at(-1)?.epoch).toBe(epoch + 1)
    expect(follow.told).toEqual(['a1'])
  })

  it('a later one takes the place of the one that was joined, whose messages fail', async () => {
    origin(epoch)
    const follow = new Follow()
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
    const two = origin(epoch + 1)
    const follow = new Follow()
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
    const two = origin(epoch)
    const follow = new Follow()
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

describe('what gets lost', () => {
  it('lets sound go on, marked, and pictures from the next keyframe on', async () => {
    const one = origin()
    const follow = new Follow()
    await network.run(1_000)
    one.send(samples.keyframe(0))
    one.lose(samples.interframe(40))
    one.send(samples.audio(60), samples.interframe(80))
    one.send(samples.audio(100), samples.keyframe(120), samples.interframe(160))
    await network.run(10)
    expect(follow.told).toEqual(['v0', '!a60', 'a100', 'v120', 'v160'])
    expect([follow.counts.holes, follow.counts.rejoins, one.joins]).toEqual([1, 0, 1])
  })

  it('at the end shows by the next tick', async () => {
    const one = origin()
    const follow = new Follow()
    await network.run(1_000)
    one.lose(samples.interframe(40))
    one.tick()
    await network.run(10)
    expect(follow.counts.holes).toBe(1)
  })

  it('may be a part of a message, which is whole or not there', async () => {
    const one = origin()
    const follow = new Follow()
    await network.run(1_000)
    const picture = samples.keyframe(0, 1_000_000)
    one.sendParts(picture)
    one.sendParts({ ...picture, timestamp: 40 }, 1)
    one.sendParts({ ...picture, timestamp: 80 })
    await network.run(10)
    expect(follow.told).toEqual(['v0', '!v80'])
    expect(follow.received[0]?.map(({ message }) => message.payload.equals(picture.payload))).toEqual([true, true])
  })

  it('with a header asks for it: no picture comes before it', async () => {
    const one = origin()
    const follow = new Follow()
    await network.run(1_000)
    one.send(samples.videoHeader(), samples.keyframe(0))
    one.lose(samples.videoHeader(40), samples.keyframe(40))
    one.beginning = [samples.videoHeader(40), samples.keyframe(40)]
    one.send(samples.audio(60))
    one.send(samples.keyframe(80))
    one.beginning = [samples.videoHeader(80), samples.keyframe(80)]
    await network.run(200)
    one.send(samples.audio(100))
    await network.run(10)
    expect(follow.told).toEqual(['v0', 'v0', '!v80', 'v80', 'a100'])
    expect([follow.counts.rejoins, one.joins]).toEqual([1, 2])
  })
})

describe('an origin that falls silent', () => {
  it('is asked again after two seconds, with pauses that grow, and goes on in the same stream', async () => {
    const one = origin()
    const follow = new Follow()
    const asked: number[] = []
    await network.run(1_000)
    one.send(samples.keyframe(0))
    one.mode = 'silent'
    one.isQuiet = true
    const start = edge.clock.now()
    while (edge.clock.now() < start + 15_000) {
      const before = one.joins
      await network.run(10)
      if (one.joins > before) asked.push(edge.clock.now() - start)
    }
    expect(asked[0]).toBeGreaterThan(2_000)
    expect(asked[0]).toBeLessThan(2_250)
    // Each question is asked twice, half a second apart, and given up after another half.
    const pauses = asked
      .filter((_, index) => index % 2 === 0)
      .map((at, index, all) => at - (all[index - 1] ?? at) - 1_000)
    for (const [index, pause] of pauses.slice(1).entries()) {
      const longest = Math.min(200 * 2 ** index, 2_000)
      expect(pause).toBeGreaterThan(longest / 2 - 20)
      expect(pause).toBeLessThan(longest + 20)
    }
    expect(pauses.length).toBeGreaterThan(5)
    one.mode = 'inbox'
    one.lose(samples.keyframe(40))
    one.beginning = [samples.keyframe(40)]
    const { joins } = one
    await network.runUntil(() => one.joins > joins, 3_500)
    await network.run(10)
    expect(follow.streams.length).toBe(1)
    expect(follow.told).toEqual(['v0', '!v40'])
  })

  it('and goes on by itself is not asked any more, nothing being missing', async () => {
    const one = origin()
    const follow = new Follow()
    await network.run(1_000)
    one.send(samples.keyframe(0))
    one.mode = 'silent'
    one.isQuiet = true
    await network.run(2_300)
    one.tick()
    one.mode = 'inbox'
    one.send(samples.audio(20))
    await network.run(1_000)
    expect(follow.told).toEqual(['v0', 'a20'])
    expect(one.joins).toBe(2)
  })

  it('and goes on after a hole before it answers is followed all the same', async () => {
    const one = origin()
    const follow = new Follow()
    await network.run(1_000)
    one.mode = 'silent'
    one.isQuiet = true
    await network.run(2_300)
    one.lose(samples.interframe(0))
    one.send(samples.audio(20), samples.keyframe(40))
    await network.run(1_500)
    expect(follow.told).toEqual(['!a20', 'v40'])
  })

  it('is followed again whenever it answers, be it while a question has just been given up', async () => {
    for (let silence = 5_000; silence < 6_200; silence += 17) {
      network = new MemoryNetwork({ seed: silence })
      edge = network.node('edge')
      const one = origin()
      await network.run(10)
      const follow = new Follow()
      const send = (): void => {
        const now = Math.floor(network.clock.now())
        one.beginning = [samples.keyframe(now)]
        one.send(samples.keyframe(now))
        network.clock.after(200, send)
      }
      send()
      await network.run(1_000)
      const heal = network.faults.cutOff('edge')
      await network.run(silence)
      heal()
      await network.run(5_000)
      const last = follow.received.at(-1)!.at(-1)!.at
      expect([silence, network.clock.now() - last < 300]).toEqual([silence, true])
    }
  })

  it('and is gone has its messages fail, and is joined again when it is back', async () => {
    const one = origin()
    const follow = new Follow()
    await network.run(1_000)
    one.close()
    await network.run(2_300)
    expect(follow.ends).toEqual([expect.any(StreamLostError)])
    const again = origin()
    await network.run(2_100)
    again.send(samples.audio(0))
    await network.run(10)
    expect([follow.streams.length, follow.told, follow.counts.lost]).toEqual([2, ['a0'], 1])
  })

  it('because the network was down is waited for while it comes back', async () => {
    const one = origin()
    const follow = new Follow()
    await network.run(1_000)
    one.close()
    for (const bus of edge.buses) bus.goDown()
    await network.run(10_000)
    for (const bus of edge.buses) bus.goUp()
    await network.run(3_000)
    expect(follow.ends).toEqual([])
    const again = origin()
    await network.run(2_000)
    again.send(samples.audio(0))
    await network.run(10)
    expect([follow.streams.length, follow.told]).toEqual([1, ['!a0']])
    again.close()
    await network.run(10_000)
    expect(follow.ends).toEqual([expect.any(StreamLostError)])
  })

  it('and says that it stops has its messages fail at once', async () => {
    const one = origin()
    const follow = new Follow()
    await network.run(1_000)
    one.send(samples.audio(0))
    one.end(true)
    one.close()
    await network.run(10)
    expect([follow.told, follow.ends]).toEqual([['a0'], [expect.any(StreamLostError)]])
  })
})

describe('a frozen edge', () => {
  /** Sends a picture or sound every 20 ms, timed by when it is sent, and begins with the last ones. */
  function publish(one: TestOrigin): void {
    const send = (): void => {
      const now = Math.round(network.clock.now())
      const message = now % 1_000 < 20 ? samples.keyframe(now) : samples.audio(now)
      one.send(message)
      one.beginning = message.messageTypeId === 9 ? [message] : [...one.beginning, message]
      network.clock.after(20, send)
    }
    send()
  }

  it('hands on nothing older than three seconds when it thaws, and then goes on, after one more snapshot', async () => {
    const one = origin()
    publish(one)
    const follow = new Follow()
    await network.run(40_000)
    const before = follow.received[0]?.length ?? 0
    edge.freeze()
    await network.run(20_000)
    const thawedAt = network.clock.now()
    thaw()
    await network.run(10_000)
    const since = (follow.received[0] ?? []).slice(before)
    expect(since[0]?.message.discontinuity).toBe(true)
    for (const { message, at } of since) expect(at - message.timestamp).toBeLessThan(3_000)
    expect(since[0]?.at).toBeLessThan(thawedAt + 1_000)
    const times = since.map(({ message }) => message.timestamp)
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b))
    expect(times.length).toBeGreaterThan(450)
    expect([follow.streams.length, follow.counts.late, one.joins]).toEqual([1, 1, 2])
  })

  it('begins with nothing that was sent to it while it stood still', async () => {
    const one = origin()
    one.beginning = [samples.keyframe(0)]
    edge = network.node('edge')
    const follow = new Follow()
    const end = network.faults.slow('edge')
    await network.run(490)
    const thaw = network.faults.freeze('edge')
    await network.run(1_500)
    one.beginning = [samples.keyframe(1_500)]
    end()
    await network.run(490)
    const endAgain = network.faults.slow('edge')
    await network.run(1_500)
    thaw()
    endAgain()
    await network.run(3_000)
    expect(follow.told).toEqual(['v1500'])
  })

  it('hands on nothing that has waited there for its reader', async () => {
    const one = origin()
    publish(one)
    const follow = new Follow(edge, { read: false })
    await network.run(1_000)
    const messages = follow.streams[0]?.messages
    edge.freeze()
    await network.run(20_000)
    const got: RtmpMessage[] = []
    messages?.on('data', (message: RtmpMessage) => got.push(message))
    thaw()
    await network.run(5_000)
    expect(got.length).toBeGreaterThan(100)
    for (const { timestamp } of got) expect(timestamp).toBeGreaterThan(18_000)
  })
})

/** The servers have kept all that came meanwhile. */
function thaw(): void {
  edge.thaw()
  for (const bus of edge.buses) bus.takeHeld()
}

describe('who leaves', () => {
  it('says so, and leaves nothing behind', async () => {
    const one = origin()
    const follow = new Follow()
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
    const one = origin()
    one.mode = 'silent'
    const follow = new Follow()
    await network.run(10)
    follow.remote.close()
    await network.run(30_000)
    expect([follow.isClosed, one.joins, one.requests.at(-1)?.leave]).toEqual([true, 1, true])
    expect([network.remains.subscriptions, network.remains.questions]).toEqual([1, 0])
  })

  it('after whose failure somebody goes on following joins again', async () => {
    origin()
    const follow = new Follow()
    await network.run(1_000)
    follow.streams[0]?.messages.destroy(new Error('this end has failed'))
    await network.run(200)
    expect(follow.streams.map(stream => stream.epoch)).toEqual([epoch, epoch])
    follow.streams[1]?.messages.destroy()
    await network.run(60_000)
    expect(follow.streams.length).toBe(2)
  })
})

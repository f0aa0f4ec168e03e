import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { StreamLostError } from '@rtmpipe/cluster'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { MemoryNetwork } from '../../src/memory/memory-network.ts'
import type { MemoryNode } from '../../src/memory/memory-node.ts'
import { Follow } from '../support/follow.ts'
import { oneName } from '../support/one-name.ts'
import type { TestOrigin } from '../support/test-origin.ts'

describe('what gets lost', () => {
  it('lets sound go on, marked, and pictures from the next keyframe on', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
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
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
    await network.run(1_000)
    one.lose(samples.interframe(40))
    one.tick()
    await network.run(10)
    expect(follow.counts.holes).toBe(1)
  })

  it('may be a part of a message, which is whole or not there', async () => {
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
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
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
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
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
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
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
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
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
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
      const { network, edge, origin } = oneName({ seed: silence })
      const one = origin()
      await network.run(10)
      const follow = new Follow(edge)
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
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
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
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
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
    const { network, edge, origin } = oneName()
    const one = origin()
    const follow = new Follow(edge)
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
  function publish(network: MemoryNetwork, one: TestOrigin): void {
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
    const { network, edge, origin } = oneName()
    const one = origin()
    publish(network, one)
    const follow = new Follow(edge)
    await network.run(40_000)
    const before = follow.received[0]?.length ?? 0
    edge.freeze()
    await network.run(20_000)
    const thawedAt = network.clock.now()
    thaw(edge)
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
    const { network, edge, origin } = oneName()
    const one = origin()
    one.beginning = [samples.keyframe(0)]
    const follow = new Follow(edge)
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
    const { network, edge, origin } = oneName()
    const one = origin()
    publish(network, one)
    const follow = new Follow(edge, { read: false })
    await network.run(1_000)
    const messages = follow.streams[0]?.messages
    edge.freeze()
    await network.run(20_000)
    const got: RtmpMessage[] = []
    messages?.on('data', (message: RtmpMessage) => got.push(message))
    thaw(edge)
    await network.run(5_000)
    expect(got.length).toBeGreaterThan(100)
    for (const { timestamp } of got) expect(timestamp).toBeGreaterThan(18_000)
  })
})

/** The servers have kept all that came meanwhile. */
function thaw(edge: MemoryNode): void {
  edge.thaw()
  for (const bus of edge.buses) bus.takeHeld()
}

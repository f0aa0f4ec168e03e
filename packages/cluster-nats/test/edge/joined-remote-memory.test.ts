import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { EdgeMemory } from '../../src/edge/edge-memory.ts'
import { Follow } from '../support/follow.ts'
import { epoch, oneName } from '../support/one-name.ts'

describe('a node that holds too much', () => {
  const kilobyte = 1024
  const snapshot = [samples.keyframe(0, 100 * kilobyte)]

  it('joins no more streams until what it has is read, and counts that', async () => {
    const { network, edge, origin } = oneName()
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
    const { network, edge, origin } = oneName()
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
    const { network, edge, origin } = oneName()
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
    const { network, edge, origin } = oneName()
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

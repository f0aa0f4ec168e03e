import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { DeliveryQueue } from '../../src/edge/delivery-queue.ts'

function all(queue: DeliveryQueue): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  for (let message = queue.take(); message !== undefined; message = queue.take()) messages.push(message)
  return messages
}

const times = (messages: readonly RtmpMessage[]) => messages.map(({ timestamp }) => timestamp)
const megabyte = 1024 * 1024

describe('a delivery queue', () => {
  it('is clear when the next message would come out at once, as it went in', () => {
    const queue = new DeliveryQueue()
    expect(queue.isClear).toBe(true)
    queue.put(samples.keyframe(0), 0)
    expect(queue.isClear).toBe(false)
    queue.take()
    expect(queue.isClear).toBe(true)
    queue.hole()
    expect(queue.isClear).toBe(false)
    queue.put(samples.audio(1), 1)
    queue.take()
    // Pictures still wait for a keyframe.
    expect(queue.isClear).toBe(false)
    queue.put(samples.keyframe(2), 2)
    queue.take()
    expect(queue.isClear).toBe(true)
  })

  it('lets sound go on after a hole, marked, and pictures from the next keyframe on', () => {
    const queue = new DeliveryQueue()
    queue.hole()
    for (const message of [samples.interframe(0), samples.audio(1), samples.interframe(2), samples.keyframe(3)])
      queue.put(message, 0)
    const messages = all(queue)
    expect(times(messages)).toEqual([1, 3])
    expect(messages[0]?.discontinuity).toBe(true)
  })

  it('of who reads too slowly keeps sound, and pictures from the newest keyframe on', () => {
    const queue = new DeliveryQueue()
    for (let time = 0; time < 20; time += 1) {
      queue.put(time % 5 === 0 ? samples.keyframe(time, megabyte / 2) : samples.interframe(time, megabyte / 2), 0)
      queue.put(samples.audio(time), 0)
      expect(queue.relieve()).toBe(true)
    }
    const messages = all(queue)
    const pictures = messages.filter(({ messageTypeId }) => messageTypeId === 9)
    expect(times(pictures)[0]).toBe(15)
    expect(messages.length - pictures.length).toBe(20)
    expect(messages[0]?.discontinuity).toBe(true)
  })

  it('drops pictures that have waited two seconds', () => {
    const queue = new DeliveryQueue()
    queue.put(samples.keyframe(0), 0)
    for (let at = 100; at <= 2_100; at += 100) queue.put(samples.audio(at), at)
    queue.put(samples.keyframe(2_150), 2_150)
    expect(queue.relieve()).toBe(true)
    expect(times(all(queue).filter(({ messageTypeId }) => messageTypeId === 9))).toEqual([2_150])
  })

  it('gives up on who can not follow even so', () => {
    const queue = new DeliveryQueue()
    let isFollowing = true
    for (let count = 0; count < 200 && isFollowing; count += 1) {
      queue.put({ ...samples.metadata(), messageTypeId: 18, payload: Buffer.alloc(megabyte) }, 0)
      isFollowing = queue.relieve()
    }
    expect(isFollowing).toBe(false)
    expect(queue.length).toBeLessThan(12)
  })

  it('keeps a snapshot of any length until it has been read', () => {
    const queue = new DeliveryQueue()
    queue.restart(false)
    queue.put(samples.keyframe(0, 8 * megabyte), 0)
    queue.put(samples.interframe(1, 4 * megabyte), 0)
    queue.allow()
    queue.put(samples.interframe(2), 0)
    expect(queue.relieve()).toBe(true)
    expect(times(all(queue))).toEqual([0, 1, 2])
  })

  it('says that what comes next is too old, by when it came', () => {
    const queue = new DeliveryQueue()
    queue.put(samples.audio(0), 1_000)
    queue.put(samples.audio(1), 3_000)
    expect([queue.isLate(4_000), queue.isLate(4_001)]).toEqual([false, true])
    queue.take()
    expect(queue.isLate(4_001)).toBe(false)
  })
})

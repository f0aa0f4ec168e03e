import { MessageBatch, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LagLimits, SlowConsumerPolicy, WhenSlow } from '../../../src/contract/slow-consumer.ts'
import { PlayerOutput } from '../../../src/server/play/player-output.ts'
import { slowConsumerPolicy } from '../../../src/live/lag/slow-consumer.ts'
import { samples } from '@rtmpipe/testing'
import { StubConnection } from '../../support/stub-connection.ts'

const { audio, disposable, interframe, keyframe, metadata, videoHeader } = samples

afterEach(() => void vi.useRealTimers())

function setUp(
  whenSlow: WhenSlow = 'drop',
  limits: LagLimits = { maxBytes: 20_000, maxDuration: 5_000 },
  givesUp = false,
) {
  const stub = new StubConnection()
  const told: string[] = []
  const connection = givesUp
    ? Object.assign(stub.connection, { whenRoom: (room: () => void) => room() })
    : stub.connection
  const output = new PlayerOutput(connection, 7, limits, slowConsumerPolicy(whenSlow), {
    publishStarted: () => void told.push('started'),
    codecKnown: ({ codec }) => void told.push(codec),
    publishEnded: () => void told.push(`ended after ${stub.timestamps.length}`),
    overrun: description => void told.push(`overrun: ${description}`),
    pausePublisher: paused => void told.push(paused ? 'pause' : 'resume'),
  })
  const deliver = (...messages: RtmpMessage[]) => output.deliver(new MessageBatch(messages))
  return { stub, told, output, deliver }
}

describe('a player that keeps up', () => {
  it('gets each batch as it is, addressed to its stream', () => {
    const { stub, output } = setUp()
    const batch = new MessageBatch([keyframe(0), audio(10)])
    output.deliver(batch)
    expect(stub.sent).toEqual([{ batch, messageStreamId: 7 }])
    expect(output.dropped).toBe(0)
  })

  it('is one up to 128 KiB under way', () => {
    const { stub, deliver } = setUp()
    stub.queuedBytes = 128 * 1024
    deliver(keyframe(0))
    expect(stub.batches).toBe(1)
    stub.queuedBytes += 1
    deliver(keyframe(1))
    expect(stub.batches).toBe(1)
  })
})

describe('a player that lags and does not want a kind of media any more', () => {
  it.each<[kind: 'audio' | 'video', sent: number[]]>([
    ['video', [0, 1, 2, 4, 7]],
    ['audio', [0, 2, 3, 5, 6]],
  ])('is not sent the %s that waits for it; headers are', (kind, sent) => {
    const { stub, output, deliver } = setUp()
    stub.full(true)
    deliver(keyframe(0), audio(1), videoHeader(2), interframe(3), audio(4), interframe(5))
    output.receive(kind, false)
    deliver(interframe(6), audio(7))
    while (stub.waiting > 0) stub.drain()
    expect(stub.timestamps).toEqual(sent)
    expect(output.dropped).toBe(0)
  })

  it('hears of the end at once when nothing else waits', () => {
    const { stub, told, output, deliver } = setUp()
    stub.full(true)
    deliver(audio(0), interframe(1))
    output.publishEnded()
    output.receive('video', false)
    stub.drain()
    expect(told).toEqual(['ended after 1'])
  })

  it('lets a publisher go on that it has held', () => {
    const { stub, told, output, deliver } = setUp('backpressure')
    stub.full(true)
    deliver(audio(0), interframe(1, 30_000))
    output.receive('video', false)
    expect(told).toEqual(['pause', 'resume'])
  })
})

describe('a player that lags', () => {
  it('gets one message, then the next when that is taken, then batches again', () => {
    const { stub, deliver } = setUp()
    stub.full(true)
    deliver(keyframe(0), audio(1))
    deliver(interframe(2))
    expect(stub.sent).toMatchObject([{ timestamp: 0, messageStreamId: 7 }])
    stub.drain()
    expect(stub.timestamps).toEqual([0, 1])
    stub.full(false)
    deliver(audio(3))
    expect(stub.timestamps).toEqual([0, 1])
    stub.drain()
    expect([stub.timestamps, stub.batches]).toEqual([[0, 1, 2, 3], 0])
    deliver(audio(4))
    expect([stub.timestamps, stub.batches]).toEqual([[0, 1, 2, 3, 4], 1])
  })

  it('gets no batch past a message that is still to be taken', () => {
    const { stub, deliver } = setUp()
    stub.full(true)
    deliver(keyframe(0))
    stub.full(false)
    deliver(audio(1))
    expect([stub.timestamps, stub.batches]).toEqual([[0], 0])
    stub.drain()
    expect(stub.timestamps).toEqual([0, 1])
  })

  it('has frames dropped beyond its limits, goes on at a keyframe, and has them counted', () => {
    const { stub, output, deliver } = setUp()
    stub.full(true)
    deliver(metadata(), videoHeader(0))
    for (let timestamp = 0; timestamp < 4_000; timestamp += 40) {
      deliver(timestamp % 1_000 === 0 ? keyframe(timestamp) : interframe(timestamp))
      deliver(audio(timestamp + 20, 20))
    }
    expect(output.dropped).toBeGreaterThan(50)
    const dropped = output.dropped
    stub.full(false)
    stub.drain()
    const messages = stub.sent as RtmpMessage[]
    expect(messages).toHaveLength(202 - dropped)
    const header = messages.findIndex(({ payload }) => payload.equals(videoHeader().payload))
    expect(header).toBeGreaterThan(0)
    const video = messages.slice(header + 1).find(({ messageTypeId }) => messageTypeId === 9)
    expect(video?.payload[0]).toBe(0x17)
  })

  it.each([
    ['drop', 'overrun: the player lags by'],
    ['fail', 'overrun: the player lags by'],
  ] as const)('%s: is shown out where nothing else helps', (whenSlow, expected) => {
    const { stub, told, deliver } = setUp(whenSlow)
    stub.full(true)
    deliver(audio(0))
    deliver({ ...metadata(), payload: Buffer.alloc(50_000) })
    expect(told).toEqual([expect.stringContaining(expected)])
    deliver(audio(1))
    stub.full(false)
    stub.drain()
    expect(stub.timestamps).toEqual([0])
  })

  it('fail is for those who lag, not for the long beginning of one who does not', () => {
    const { stub, told, output, deliver } = setUp('fail')
    output.receive('audio', false)
    deliver(...Array.from({ length: 200 }, (_, index) => (index === 0 ? keyframe(0) : interframe(index * 40))))
    expect([told, stub.timestamps.length]).toEqual([[], 200])
  })

  it('backpressure: holds the publisher until half of it is taken, and loses nothing', () => {
    const { stub, told, output, deliver } = setUp('backpressure')
    stub.full(true)
    for (let timestamp = 0; timestamp < 42; timestamp += 1) deliver(interframe(timestamp, 500))
    // 41 of 564 bytes each wait.
    expect(new Set(told)).toEqual(new Set(['pause']))
    const held = told.length
    for (let index = 0; index < 23; index += 1) stub.drain()
    expect(told.slice(held)).toEqual([])
    stub.drain()
    expect(told.slice(held)).toEqual(['resume'])
    stub.full(false)
    stub.drain()
    expect(stub.timestamps).toEqual(Array.from({ length: 42 }, (_, index) => index))
    expect(output.dropped).toBe(0)
  })

  it('lets go of the publisher when it leaves', () => {
    const { stub, told, output, deliver } = setUp('backpressure')
    stub.full(true)
    for (let timestamp = 0; timestamp < 60; timestamp += 1) deliver(interframe(timestamp, 500))
    output.end()
    expect(told.at(-1)).toBe('resume')
    stub.drain()
    expect(stub.timestamps).toEqual([0])
  })

  it('takes nothing for 30 seconds: is shown out, though nothing piles up', () => {
    vi.useFakeTimers()
    const { stub, told, deliver } = setUp()
    stub.full(true)
    deliver(interframe(0))
    for (let second = 1; second < 30; second += 1) {
      vi.advanceTimersByTime(1_000)
      deliver(disposable(second))
    }
    expect(told).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(told).toEqual(['overrun: the player has taken nothing for 30 s'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('backpressure: takes nothing for 30 seconds: is shown out, though the held publisher delivers nothing', () => {
    vi.useFakeTimers()
    const { stub, told, deliver } = setUp('backpressure')
    stub.full(true)
    deliver(keyframe(0), interframe(40, 30_000))
    expect(told).toEqual(['pause'])
    vi.advanceTimersByTime(29_999)
    // What else its connection is sent, the answers to its pings for instance, is not taken by it.
    stub.queuedBytes += 1_000
    expect(told).toEqual(['pause'])
    vi.advanceTimersByTime(1)
    expect(told).toEqual(['pause', 'resume', 'overrun: the player has taken nothing for 30 s'])
    stub.drain()
    vi.advanceTimersByTime(120_000)
    expect([told.length, stub.timestamps, vi.getTimerCount()]).toEqual([3, [0], 0])
  })

  it('takes something now and then: stays', () => {
    vi.useFakeTimers()
    const { stub, told, deliver } = setUp()
    stub.full(true)
    for (let second = 0; second < 100; second += 1) {
      vi.advanceTimersByTime(1_000)
      deliver(audio(second, 20))
      if (second % 25 === 0) stub.drain()
    }
    expect(told).toEqual([])
  })

  it('takes a long picture slowly: stays', () => {
    vi.useFakeTimers()
    const { stub, told, deliver } = setUp()
    stub.full(true)
    deliver(keyframe(0), interframe(40))
    for (let second = 0; second < 100; second += 1) {
      vi.advanceTimersByTime(1_000)
      stub.queuedBytes -= 1_000
    }
    expect(told).toEqual([])
  })

  it('has a timer while it waits, and none before, after, or when it leaves', () => {
    vi.useFakeTimers()
    const { stub, output, deliver } = setUp()
    deliver(keyframe(0))
    expect(vi.getTimerCount()).toBe(0)
    stub.full(true)
    deliver(interframe(1))
    deliver(interframe(2))
    stub.drain()
    expect(vi.getTimerCount()).toBe(1)
    stub.full(false)
    stub.drain()
    expect(vi.getTimerCount()).toBe(0)
    stub.full(true)
    deliver(interframe(3))
    expect(vi.getTimerCount()).toBe(1)
    output.end()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a connection that is gone', () => {
  it.each(['while the player waits', 'before'])('%s takes what is left without a word', when => {
    const { stub, told, output, deliver } = setUp()
    stub.full(true)
    if (when === 'before') stub.writable = false
    deliver(keyframe(0), audio(1), audio(2))
    stub.writable = false
    stub.drain(new Error('destroyed'))
    expect([stub.waiting, told]).toEqual([0, []])
    output.end()
  })
})

describe('over a connection that gives up what is late', () => {
  const policy: SlowConsumerPolicy = queue => {
    queue.dropVideoToKeyframe()
    return 'continue'
  }
  it.each<[what: string, whenSlow: WhenSlow, isKept: boolean]>([
    ['drop', 'drop', false],
    ['backpressure', 'backpressure', true],
    ['fail', 'fail', true],
    ['a function', policy, true],
    ['a function that does not keep', Object.assign(policy.bind(undefined), { keeps: false }), false],
  ])('what is sent is kept until it has arrived, or not, as the policy says: %s', (_what, whenSlow, isKept) => {
    const { stub, deliver } = setUp(whenSlow, undefined, true)
    deliver(keyframe(0), audio(1))
    // What is written is never given up.
    expect([stub.batches, stub.waiting]).toEqual(isKept ? [0, 1] : [1, 0])
    stub.drain()
    expect(stub.timestamps).toEqual([0, 1])
  })
})

describe('the end of the publish', () => {
  it('is told at once to whom nothing waits for', () => {
    const { told, output, deliver } = setUp()
    deliver(keyframe(0))
    output.publishEnded()
    expect(told).toEqual(['ended after 1'])
    output.publishStarted()
    expect(told).toEqual(['ended after 1', 'started'])
  })

  it('is told to others after everything that was published', () => {
    const { stub, told, output, deliver } = setUp()
    stub.full(true)
    deliver(keyframe(0), audio(1))
    output.publishEnded()
    stub.drain()
    expect(told).toEqual([])
    stub.drain()
    expect(told).toEqual(['ended after 2'])
    stub.drain()
    expect(told).toEqual(['ended after 2'])
  })

  it('is not told when the next publisher is there before', () => {
    const { stub, told, output, deliver } = setUp()
    stub.full(true)
    deliver(keyframe(0), audio(1))
    output.publishEnded()
    output.publishStarted()
    deliver(keyframe(41))
    stub.full(false)
    stub.drain()
    expect([told, stub.timestamps]).toEqual([[], [0, 1, 41]])
    output.publishEnded()
    expect(told).toEqual(['ended after 3'])
  })

  it('is not told to a player that has left', () => {
    const { stub, told, output, deliver } = setUp()
    stub.full(true)
    deliver(keyframe(0), audio(1))
    output.publishEnded()
    output.end()
    stub.drain()
    output.publishEnded()
    expect(told).toEqual([])
  })
})

describe('what a player wants', () => {
  it('without audio', () => {
    const { stub, output, deliver } = setUp()
    output.receive('audio', false)
    deliver(keyframe(0), audio(1), interframe(2))
    expect([stub.timestamps, stub.batches]).toEqual([[0, 2], 0])
    output.receive('audio', true)
    deliver(audio(3))
    expect([stub.timestamps, stub.batches]).toEqual([[0, 2, 3], 1])
  })

  it('video again from a keyframe on', () => {
    const { stub, output, deliver } = setUp()
    output.receive('video', true)
    deliver(interframe(0))
    output.receive('video', false)
    deliver(keyframe(1), videoHeader(1), audio(2))
    output.receive('video', true)
    output.receive('video', true)
    deliver(interframe(3), audio(4))
    deliver(keyframe(5))
    deliver(interframe(6))
    expect(stub.timestamps).toEqual([0, 1, 2, 4, 5, 6])
    expect(stub.batches).toBe(2)
  })

  it('one that joins in the middle of a group gets sound at once and pictures from the next keyframe on', () => {
    const { stub, output, deliver } = setUp()
    output.waitForKeyframe()
    deliver(videoHeader(0), interframe(1), audio(2), keyframe(3))
    deliver(interframe(4))
    expect([stub.timestamps, stub.batches]).toEqual([[0, 2, 3, 4], 1])
  })
})

describe('a player whose line is busy with a long picture', () => {
  it('gets audio ahead of what waits, up to 128 KiB', () => {
    const { stub, deliver } = setUp('drop', { maxBytes: 10 * 2 ** 20, maxDuration: 5_000 })
    stub.full(true)
    stub.interleaves = true
    deliver(keyframe(0), audio(1), interframe(2), audio(3))
    expect(stub.timestamps).toEqual([0, 1, 3])
    const long = { ...audio(4), payload: Buffer.alloc(128 * 1024, 0xaf) }
    deliver(long, audio(5))
    expect(stub.timestamps).toEqual([0, 1, 3, 4])
    stub.full(false)
    stub.interleaves = false
    stub.drain()
    expect(stub.timestamps).toEqual([0, 1, 3, 4, 2, 5])
  })

  it('gets audio ahead when the picture was taken at once', () => {
    const { stub, deliver } = setUp()
    stub.full(true)
    stub.interleaves = true
    deliver(audio(0), audio(1), interframe(2), audio(3))
    expect(stub.timestamps).toEqual([0, 1, 2, 3])
    expect(stub.waiting).toBe(1)
  })
})

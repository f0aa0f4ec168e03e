import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { LagQueue } from '../../../src/live/lag/lag-queue.ts'
import type { LagLimits, WhenSlow } from '../../../src/contract/slow-consumer.ts'
import { isPictureRole, MediaRole, mediaRole } from '../../../src/protocol/media-role.ts'
import { slowConsumerPolicy } from '../../../src/live/lag/slow-consumer.ts'
import { samples } from '@rtmpipe/testing'

const { audio, audioHeader, disposable, interframe, keyframe, metadata, videoHeader } = samples
const names = Object.fromEntries(Object.entries(MediaRole).map(([name, role]) => [role, name]))

/** Messages that came when their timestamps say. */
function queueOf(messages: RtmpMessage[], limits?: LagLimits): LagQueue {
  const queue = new LagQueue(limits)
  for (const message of messages) queue.push(message, message.timestamp)
  return queue
}

function emptied(queue: LagQueue): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  for (let message = queue.shift(); message !== undefined; message = queue.shift()) messages.push(message)
  return messages
}

const shown = (messages: RtmpMessage[]) =>
  messages.map(message => `${names[mediaRole(message)]} ${message.timestamp}${message.discontinuity ? ' !' : ''}`)

describe('LagQueue', () => {
  it('gives back what it got, in order, and counts it', () => {
    const queue = queueOf([keyframe(0, 1_000), audio(10, 100)])
    expect([queue.length, queue.bytes, queue.duration, queue.dropped]).toEqual([2, 1_100 + 2 * 64, 10, 0])
    expect(shown(emptied(queue))).toEqual(['Keyframe 0', 'Audio 10'])
    expect([queue.length, queue.bytes, queue.duration]).toEqual([0, 0, 0])
  })

  it('stays in order over many turns of push and shift', () => {
    const queue = new LagQueue()
    let [pushed, shifted] = [0, 0]
    for (let turn = 0; turn < 2_500; turn += 1) {
      for (let count = turn % 4; count > 0; count -= 1) queue.push(audio(pushed++))
      for (let count = turn % 3; count > 0 && queue.length > 0; count -= 1)
        expect(queue.shift()?.timestamp).toBe(shifted++)
      expect(queue.length).toBe(pushed - shifted)
    }
  })

  it.each([
    ['bytes', { maxBytes: 1_000, maxDuration: 1_000 }, [audio(0, 936)], audio(0, 2)],
    ['duration', { maxBytes: 10_000, maxDuration: 1_000 }, [audio(0), audio(1_000)], audio(1_001)],
    [
      'empty messages',
      { maxBytes: 640, maxDuration: 1_000 },
      Array.from({ length: 10 }, () => audio(0, 0)),
      audio(0, 0),
    ],
  ])('is over its limit of %s', (_what, limits, fits, more) => {
    // An empty message has no tag header.
    const bare = (message: RtmpMessage) =>
      message.payload.length === 2 && _what === 'empty messages' ? { ...message, payload: Buffer.alloc(0) } : message
    const queue = queueOf(fits.map(bare), limits)
    expect(queue.isOverLimit).toBe(false)
    queue.push(bare(more), more.timestamp)
    expect(queue.isOverLimit).toBe(true)
  })

  it.each([
    ['forwards', [audio(0), audio(1_000_000)]],
    ['backwards', [audio(1_000_000), audio(0)]],
    ['from metadata at 0', [metadata(), keyframe(3_600_000)]],
  ])('timestamps that jump %s are no lag', (_what, messages) => {
    const queue = new LagQueue()
    for (const message of messages) queue.push(message, 7)
    expect([queue.duration, queue.isOverLimit]).toEqual([0, false])
  })

  it('messages of one time that come one after another are lag', () => {
    const queue = new LagQueue({ maxBytes: 10_000, maxDuration: 1_000 })
    for (const arrival of [5, 500, 1_006]) queue.push(audio(0), arrival)
    expect([queue.duration, queue.isOverLimit]).toEqual([1_001, true])
  })

  it('headers that a drop has left count as having come with what follows them', () => {
    const queue = queueOf([metadata(), videoHeader(0), keyframe(100), keyframe(6_000), interframe(6_040)])
    queue.dropVideoToKeyframe()
    expect([queue.length, queue.duration]).toEqual([4, 40])
  })

  it('has grown when a quarter has come on top of what a drop left', () => {
    const queue = queueOf([audio(0, 936)])
    expect(queue.hasGrown).toBe(true)
    queue.dropDisposable()
    expect([queue.hasGrown, queue.bytes]).toEqual([false, 1_000])
    queue.push(audio(1, 100))
    expect(queue.hasGrown).toBe(false)
    queue.push(audio(2, 22))
    expect([queue.hasGrown, queue.bytes]).toEqual([true, 1_250])
  })

  it('has grown when little is left besides what has come', () => {
    const queue = queueOf([audio(0, 936)])
    queue.dropDisposable()
    queue.push(audio(1, 100))
    expect(queue.hasGrown).toBe(false)
    queue.shift()
    expect(queue.hasGrown).toBe(true)
  })

  it('gives out audio past the rest, looking at each message once, after shifts and drops too', () => {
    let looks = 0
    const data = (timestamp: number): RtmpMessage => ({
      ...audio(timestamp),
      get messageTypeId() {
        looks += 1
        return 18
      },
    })
    const queue = new LagQueue()
    for (let timestamp = 0; timestamp < 3_000; timestamp += 1) {
      queue.push(data(timestamp))
      expect(queue.shiftAudio()).toBeUndefined()
    }
    expect(looks).toBe(3_000)
    for (let count = 0; count < 1_500; count += 1) queue.shift()
    queue.push(audio(3_000))
    queue.push(audio(3_001))
    queue.push(data(3_002))
    expect(queue.shiftAudio()?.timestamp).toBe(3_000)
    queue.dropDisposable()
    expect(queue.shiftAudio()?.timestamp).toBe(3_001)
    expect(queue.shiftAudio()).toBeUndefined()
    expect(emptied(queue).map(({ timestamp }) => timestamp)).toEqual([
      ...Array.from({ length: 1_500 }, (_, index) => index + 1_500),
      3_002,
    ])
    expect(queue.bytes).toBe(0)
    queue.push(audio(4_000))
    expect(queue.shiftAudio()?.timestamp).toBe(4_000)
    queue.push(audio(4_001))
    queue.clear()
    queue.push(audio(4_002))
    expect(queue.shiftAudio()?.timestamp).toBe(4_002)
  })

  it('is half empty when it is in both respects', () => {
    const limits = { maxBytes: 1_000, maxDuration: 100 }
    expect(queueOf([audio(0), audio(51)], limits).isHalfEmpty).toBe(false)
    expect(queueOf([audio(0, 400), audio(50, 400)], limits).isHalfEmpty).toBe(false)
    expect(queueOf([audio(0, 100), audio(50, 100)], limits).isHalfEmpty).toBe(true)
  })

  it('waiting for a keyframe lets through what is no coded video, and marks what comes after the hole', () => {
    const queue = new LagQueue()
    queue.waitForKeyframe()
    for (const message of [videoHeader(0), interframe(1), audio(2), disposable(3), keyframe(4), interframe(5)])
      queue.push(message)
    expect(queue.dropped).toBe(2)
    expect(shown(emptied(queue))).toEqual(['VideoHeader 0 !', 'Audio 2', 'Keyframe 4', 'Interframe 5'])
    expect(queue.waitsForKeyframe).toBe(false)
  })
})

describe('dropping', () => {
  it.each<[what: string, how: (queue: LagQueue) => void, before: RtmpMessage[], after: string[]]>([
    [
      'disposable frames',
      queue => queue.dropDisposable(),
      [keyframe(0), disposable(1), audio(2), interframe(3), disposable(4)],
      ['Keyframe 0 !', 'Audio 2', 'Interframe 3'],
    ],
    [
      'video up to the newest keyframe',
      queue => queue.dropVideoToKeyframe(),
      [keyframe(0), interframe(1), audio(2), interframe(3), keyframe(4), interframe(5)],
      ['Audio 2 !', 'Keyframe 4', 'Interframe 5'],
    ],
    [
      'video up to the newest keyframe, but not its header and metadata',
      queue => queue.dropVideoToKeyframe(),
      [metadata(), videoHeader(0), keyframe(0), videoHeader(10), interframe(20), keyframe(30)],
      ['Metadata 30 !', 'VideoHeader 30', 'Keyframe 30'],
    ],
    [
      'all video where no keyframe waits, but not the header',
      queue => queue.dropVideoToKeyframe(),
      [interframe(0), interframe(1), audio(2), videoHeader(3), interframe(4)],
      ['Audio 2 !', 'VideoHeader 3'],
    ],
    [
      'all video, headers before anything else among it',
      queue => queue.dropVideoToKeyframe(),
      [metadata(), audioHeader(0), videoHeader(0), interframe(5), audio(6)],
      ['Metadata 6 !', 'AudioHeader 6', 'VideoHeader 6', 'Audio 6'],
    ],
    [
      'the older half of audio, but not its header',
      queue => queue.dropOldAudio(),
      [audioHeader(0), audio(1), audio(2), keyframe(3), audio(4), audio(5)],
      ['AudioHeader 3 !', 'Keyframe 3', 'Audio 4', 'Audio 5'],
    ],
    [
      'of audio headers all but the newest',
      queue => queue.dropOldAudio(),
      [audioHeader(0), audio(1), audioHeader(2), audio(3), audio(4), audio(5)],
      ['AudioHeader 3 !', 'Audio 3', 'Audio 4', 'Audio 5'],
    ],
  ])('%s', (_what, how, before, after) => {
    const queue = queueOf(before)
    how(queue)
    expect(queue.dropped).toBe(before.length - after.length)
    const kept = emptied(queue)
    expect(shown(kept)).toEqual(after)
    expect(queue.bytes).toBe(0)
  })

  it('after some have been taken looks at what is left only', () => {
    const queue = queueOf([videoHeader(0), keyframe(0), interframe(1), audio(2), interframe(3)])
    for (let count = 0; count < 3; count += 1) queue.shift()
    queue.dropVideoToKeyframe()
    expect([queue.waitsForKeyframe, ...shown(emptied(queue))]).toEqual([true, 'Audio 2 !'])
  })

  it('marks the first message after each hole, once', () => {
    const queue = queueOf([disposable(0), keyframe(1), interframe(2)])
    queue.dropDisposable()
    expect(shown(emptied(queue))).toEqual(['Keyframe 1 !', 'Interframe 2'])
    queue.push(disposable(3))
    queue.push(audio(4))
    queue.push(audio(5))
    queue.dropDisposable()
    expect(shown(emptied(queue))).toEqual(['Audio 4 !', 'Audio 5'])
  })
})

describe('policies', () => {
  const limits = { maxBytes: 10_000, maxDuration: 2_000 }

  it('drop goes no further than it must', () => {
    const queue = queueOf([keyframe(0, 4_000), disposable(10, 4_000), interframe(20, 4_000)], limits)
    expect(slowConsumerPolicy('drop')(queue)).toBe('continue')
    expect(shown(emptied(queue))).toEqual(['Keyframe 0 !', 'Interframe 20'])
  })

  it('drop drops video before audio', () => {
    const queue = queueOf([interframe(0, 6_000), audio(10, 100), keyframe(20, 6_000), audio(30, 100)], limits)
    expect(slowConsumerPolicy('drop')(queue)).toBe('continue')
    expect(shown(emptied(queue))).toEqual(['Audio 10 !', 'Keyframe 20', 'Audio 30'])
  })

  it('drop drops old audio where video is not enough', () => {
    const queue = queueOf([audio(0, 100), keyframe(10, 6_000), audio(20, 100), interframe(30, 6_000)], limits)
    expect(slowConsumerPolicy('drop')(queue)).toBe('continue')
    expect(shown(emptied(queue))).toEqual(['Keyframe 10 !', 'Audio 20', 'Interframe 30'])
  })

  it('drop gives up where nothing may be dropped', () => {
    const queue = queueOf([{ ...metadata(), payload: Buffer.alloc(21_000) }], limits)
    expect(slowConsumerPolicy('drop')(queue)).toBe('end')
  })

  it.each<[WhenSlow, string]>([
    ['backpressure', 'pause'],
    ['fail', 'end'],
    [() => 'continue', 'continue'],
  ])('%s touches nothing and says %s', (whenSlow, verdict) => {
    const queue = queueOf([keyframe(0, 30_000), disposable(1)], limits)
    expect(slowConsumerPolicy(whenSlow)(queue)).toBe(verdict)
    expect([queue.length, queue.dropped]).toEqual([2, 0])
  })

  it.each(['Drop', '', undefined, 'toString'])('%j is none', whenSlow => {
    expect(() => slowConsumerPolicy(whenSlow as WhenSlow)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
  })

  const data = (timestamp: number): RtmpMessage => ({
    ...metadata(),
    timestamp,
    payload: Buffer.from([2, 0, 1, 120]),
  })

  it.each<[what: string, make: (timestamp: number) => RtmpMessage]>([
    ['none of it can go', data],
    ['only what came last can', timestamp => (timestamp < 6_000 ? data(timestamp) : disposable(timestamp))],
    ['no keyframe comes', timestamp => (timestamp === 0 ? keyframe(0) : interframe(timestamp))],
  ])('drop does not look through a long queue for every message: %s', (_what, make) => {
    const queue = new LagQueue({ maxBytes: 16 * 1024 * 1024, maxDuration: 5_000 })
    const drop = slowConsumerPolicy('drop')
    const looks = vi.spyOn(queue, 'dropDisposable')
    let looked = 0
    for (let timestamp = 0; timestamp < 8_000; timestamp += 1) {
      queue.push(make(timestamp), timestamp)
      const { length } = queue
      if (queue.isOverLimit) drop(queue)
      if (looks.mock.calls.length > 0) looked += length
      looks.mockClear()
    }
    expect(looked).toBeGreaterThan(0)
    expect(looked).toBeLessThan(5 * 8_000)
  })

  it('drop keeps the queue bounded, the pictures decodable, the headers complete, whatever comes', () => {
    const kind = fc.constantFrom(audio, audio, audioHeader, disposable, interframe, interframe, keyframe, videoHeader)
    const step = fc.record({
      make: kind,
      length: fc.integer({ min: 30, max: 3_000 }),
      pause: fc.integer({ min: 0, max: 300 }),
      taken: fc.integer({ min: 0, max: 2 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), steps => {
        const queue = new LagQueue(limits)
        const drop = slowConsumerPolicy('drop')
        const [all, out]: [RtmpMessage[], RtmpMessage[]] = [[], []]
        let timestamp = 0
        for (const { make, length, pause, taken } of steps) {
          timestamp += pause
          const message = make(timestamp, length)
          all.push(message)
          queue.push(message, timestamp)
          if (queue.isOverLimit) drop(queue)
          expect(queue.bytes).toBeLessThanOrEqual(2.5 * limits.maxBytes + 3_100)
          for (let count = taken; count > 0; count -= 1) {
            const next = queue.shift()
            if (next !== undefined) out.push(next)
          }
        }
        out.push(...emptied(queue))
        const cameOut = new Set(out.map(({ payload }) => payload))
        expect(isDecodable(all, cameOut)).toBe(true)
        for (const role of [MediaRole.AudioHeader, MediaRole.VideoHeader]) {
          const newest = all.filter(message => mediaRole(message) === role).at(-1)
          if (newest !== undefined) expect(cameOut).toContain(newest.payload)
        }
        expect(out.length + queue.dropped).toBe(all.length)
        for (let index = 1; index < out.length; index += 1) {
          expect((out[index]?.timestamp ?? 0) - (out[index - 1]?.timestamp ?? 0)).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: 200 },
    )
  })
})

/** True when every picture that came out follows one that came out, back to a keyframe. */
function isDecodable(all: RtmpMessage[], cameOut: Set<Buffer>): boolean {
  let hasHole = false
  for (const message of all) {
    const role = mediaRole(message)
    if (!isPictureRole(role)) continue
    const isOut = cameOut.has(message.payload)
    if (isOut && role === MediaRole.Keyframe) hasHole = false
    else if (isOut && hasHole) return false
    else if (!isOut && role !== MediaRole.Disposable) hasHole = true
  }
  return true
}

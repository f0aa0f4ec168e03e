import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LiveStream, type LiveStreamOptions } from '../../src/live/live-stream.ts'
import { LiveStreams } from '../../src/live/live-streams.ts'
import { MediaRole, mediaRole } from '../../src/protocol/media-role.ts'
import { samples } from '@rtmpipe/testing'
import { Collector } from '../support/collector.ts'

const { audio, audioHeader, interframe, keyframe, metadata, videoHeader } = samples

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] }),
)
afterEach(() => void vi.useRealTimers())

function publishing(options: LiveStreamOptions = {}): LiveStream {
  const stream = new LiveStream('live', 'name', { mergeWindow: 0, ...options })
  stream.startPublish()
  return stream
}

function joined(stream: LiveStream): Collector {
  const consumer = new Collector()
  stream.attach(consumer)
  return consumer
}

describe('joining', () => {
  it('gives the snapshot at once and then what comes: no hole, no double', () => {
    const kinds = [
      audio,
      audio,
      interframe,
      interframe,
      keyframe,
      keyframe,
      audioHeader,
      videoHeader,
      metadata,
    ] as const
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ write: fc.nat({ max: kinds.length - 1 }) }) },
      { weight: 2, arbitrary: fc.constant({ attach: true }) },
      { weight: 1, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 30 }) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(0, 20), (steps, mergeWindow) => {
        const stream = publishing({ mergeWindow })
        const written: RtmpMessage[] = []
        const joins: { consumer: Collector; at: number }[] = []
        for (const one of steps) {
          if ('write' in one) {
            const make = kinds[one.write] as (timestamp: number) => RtmpMessage
            const message =
              make === (metadata as unknown)
                ? metadata({ at: written.length })
                : { ...make(0), timestamp: written.length }
            written.push(message)
            stream.write(message)
          } else if ('attach' in one) joins.push({ consumer: joined(stream), at: written.length })
          else vi.advanceTimersByTime(one.wait)
        }
        vi.advanceTimersByTime(50)
        for (const { consumer, at } of joins) {
          const expected = [...snapshotOf(written.slice(0, at)), ...written.slice(at)]
          expect(consumer.messages.map(key)).toEqual(expected.map(key))
        }
      }),
      { numRuns: 150 },
    )
  })

  it('without a GOP cache gives headers only, and asks who can to wait for a keyframe', () => {
    const stream = publishing({ gopCache: false })
    for (const message of [videoHeader(0), keyframe(0), interframe(40)]) stream.write(message)
    let waits = 0
    const consumer = Object.assign(new Collector(), { waitForKeyframe: () => void (waits += 1) })
    stream.attach(consumer)
    expect([waits, consumer.messages.length]).toEqual([1, 1])
  })

  it('with one gives a picture at once, and nobody waits', () => {
    const stream = publishing()
    for (const message of [videoHeader(0), keyframe(0), interframe(40)]) stream.write(message)
    let waits = 0
    stream.attach(Object.assign(new Collector(), { waitForKeyframe: () => void (waits += 1) }))
    expect(waits).toBe(0)
  })

  it('takes limits of the cache, the others staying as they are', () => {
    const stream = publishing({ gopCache: { maxMessages: 2 } })
    for (const message of [keyframe(0), audio(1), audio(2)]) stream.write(message)
    expect(joined(stream).messages).toEqual([])
    stream.write(keyframe(3))
    expect(joined(stream).timestamps).toEqual([3])
  })

  it('shares the snapshot among all who join at the same point', () => {
    const stream = publishing()
    stream.write(keyframe(0))
    const batches = new Set()
    for (let index = 0; index < 3; index += 1) {
      stream.attach({ deliver: batch => void batches.add(batch), publishStarted() {}, publishEnded() {} })
    }
    expect(batches.size).toBe(1)
    stream.clearMetadata()
    stream.attach({ deliver: batch => void batches.add(batch), publishStarted() {}, publishEnded() {} })
    expect(batches.size).toBe(2)
  })

  it('has the metadata while it lasts', () => {
    const stream = publishing()
    expect(stream.metadata).toBeUndefined()
    stream.write(metadata({ a: 1 }))
    expect(stream.metadata).toEqual(metadata({ a: 1 }).payload)
    stream.endPublish()
    expect(stream.metadata).toBeUndefined()
  })
})

describe('publishing', () => {
  it('is for one at a time', () => {
    const stream = publishing()
    expect(() => stream.startPublish()).toThrow(expect.objectContaining({ code: 'RTMP_ERR_STREAM_BUSY' }))
    stream.endPublish()
    stream.startPublish()
    expect(stream.isPublishing).toBe(true)
  })

  it('is told to those who are there, the end after everything that was written', () => {
    const stream = new LiveStream('live', 'name', { mergeWindow: 20 })
    const consumer = joined(stream)
    stream.startPublish()
    stream.write(audio(1))
    stream.write(audio(2))
    stream.endPublish()
    stream.endPublish()
    const [one, two] = consumer.messages
    expect(consumer.got).toEqual(['started', one, two, 'ended'])
  })

  it('leaves nothing of itself to those who come later', () => {
    const stream = publishing()
    for (const message of [metadata(), videoHeader(0), keyframe(0)]) stream.write(message)
    stream.endPublish()
    expect(joined(stream).got).toEqual([])
  })

  it.each([1, 15, 17, 20, 22, 0])('takes no messages of type %d', messageTypeId => {
    const stream = publishing()
    const consumer = joined(stream)
    expect(() => stream.write({ ...audio(0), messageTypeId })).toThrow(
      expect.objectContaining({ code: 'RTMP_ERR_STREAM_MESSAGE' }),
    )
    vi.advanceTimersByTime(0)
    expect(consumer.got).toEqual([])
  })

  it('takes no messages longer than one can be', () => {
    const stream = publishing()
    const payload = (length: number) => ({ ...audio(0), payload: Buffer.alloc(length) })
    expect(stream.write(payload(0xffffff))).toBe(true)
    expect(() => stream.write(payload(0x1000000))).toThrow(
      expect.objectContaining({ code: 'RTMP_ERR_MESSAGE_TOO_LONG' }),
    )
  })
})

describe('a publisher that comes back', () => {
  const written = (stream: LiveStream, ...messages: RtmpMessage[]) => {
    for (const message of messages) stream.write(message)
    vi.advanceTimersByTime(0)
  }

  it('goes on in time for those who stayed, with a mark on its first message', () => {
    const stream = publishing()
    const consumer = joined(stream)
    written(stream, keyframe(1_000), audio(1_020), interframe(1_010))
    stream.endPublish()
    stream.startPublish()
    written(stream, keyframe(0), audio(20))
    expect(consumer.timestamps).toEqual([1_000, 1_020, 1_010, 1_060, 1_080])
    expect(consumer.messages.map(({ discontinuity }) => discontinuity === true)).toEqual([
      false,
      false,
      false,
      true,
      false,
    ])
    expect(joined(stream).timestamps).toEqual([1_060, 1_080])
  })

  it('does so again and again, over the wrap of time', () => {
    const stream = publishing()
    const consumer = joined(stream)
    written(stream, audio(0xffffffff - 30))
    for (let round = 0; round < 3; round += 1) {
      stream.endPublish()
      stream.startPublish()
      written(stream, audio(500_000), audio(500_010))
    }
    expect(consumer.timestamps).toEqual([0xffffffff - 30, 9, 19, 59, 69, 109, 119])
  })

  it('may begin anywhere when nobody has stayed', () => {
    const stream = publishing()
    written(stream, keyframe(1_000))
    stream.endPublish()
    stream.startPublish()
    const consumer = joined(stream)
    written(stream, keyframe(7))
    expect([consumer.timestamps, consumer.messages[0]?.discontinuity]).toEqual([[7], undefined])
  })

  it('keeps its timestamps the first time, whatever they are', () => {
    const stream = publishing()
    const consumer = joined(stream)
    const first = keyframe(4_000_000_000)
    written(stream, first)
    expect(consumer.messages[0]).toBe(first)
  })
})

describe('holding', () => {
  it('asks the publisher to wait until the last who holds has let go', async () => {
    const stream = publishing()
    const [one, two] = [joined(stream), joined(stream)]
    expect(stream.write(audio(0))).toBe(true)
    stream.pause(one)
    stream.pause(one)
    stream.pause(two)
    expect(stream.write(audio(1))).toBe(false)
    let free = false
    const writable = stream.writable().then(() => (free = true))
    stream.resume(one)
    stream.resume(one)
    await Promise.resolve()
    expect([free, stream.write(audio(2))]).toEqual([false, false])
    stream.resume(two)
    await writable
    expect(stream.write(audio(3))).toBe(true)
    await stream.writable()
  })

  it('ends when the consumer leaves', async () => {
    const stream = publishing()
    const consumer = joined(stream)
    stream.pause(consumer)
    const writable = stream.writable()
    stream.detach(consumer)
    await writable
  })
})

describe('LiveStreams', () => {
  it('forgets a stream without publisher and consumers', () => {
    const streams = new LiveStreams()
    const stream = streams.open('live', 'name')
    expect(streams.open('live', 'name')).toBe(stream)
    const consumer = joined(stream)
    stream.startPublish()
    stream.detach(consumer)
    expect(streams.get('live', 'name')).toBe(stream)
    stream.endPublish()
    expect([streams.get('live', 'name'), streams.size]).toEqual([undefined, 0])
    expect(streams.open('live', 'name')).not.toBe(stream)
  })

  it('forgets what was opened in vain, when told so, and nothing that is in use or has been replaced', () => {
    const streams = new LiveStreams()
    const stream = streams.open('live', 'name')
    streams.forgetIdle(stream)
    expect(streams.size).toBe(0)
    const next = streams.open('live', 'name')
    streams.forgetIdle(stream)
    next.startPublish()
    streams.forgetIdle(next)
    expect(streams.get('live', 'name')).toBe(next)
  })

  it('an old stream of the same name does not take the new one with it', () => {
    const streams = new LiveStreams()
    const old = streams.open('live', 'name')
    old.startPublish()
    old.endPublish()
    const next = streams.open('live', 'name')
    const consumer = joined(old)
    old.detach(consumer)
    expect(streams.get('live', 'name')).toBe(next)
  })

  it('tells app and name apart, and lists what there is', () => {
    const streams = new LiveStreams()
    const all = [streams.open('a/b', 'c'), streams.open('a', 'b/c'), streams.open('', '__proto__')]
    expect(new Set(all).size).toBe(3)
    expect([...streams]).toEqual(all)
  })
})

/** Headers of the snapshot have another time, everything else keeps its own, which no other message has. */
function key(message: RtmpMessage): number | string {
  return mediaRole(message) >= MediaRole.Audio ? message.timestamp : message.payload.toString('latin1')
}

/** What a late consumer begins with, worked out from all that was written: another way than the cache goes. */
function snapshotOf(written: RtmpMessage[]): RtmpMessage[] {
  const roles = written.map(mediaRole)
  const headers = [MediaRole.Metadata, MediaRole.AudioHeader, MediaRole.VideoHeader].map(
    role => written[roles.lastIndexOf(role)],
  )
  const start = roles.lastIndexOf(MediaRole.Keyframe)
  // The headers are all the same: only the first is new.
  const isUsable = start >= 0 && roles.indexOf(MediaRole.VideoHeader) < start
  const group = written.filter(
    (_message, index) => isUsable && index >= start && (roles[index] as number) >= MediaRole.Audio,
  )
  return [...headers.filter(header => header !== undefined), ...group]
}

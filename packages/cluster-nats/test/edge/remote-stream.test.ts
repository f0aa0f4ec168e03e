import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { newCounts } from '../../src/edge/counts.ts'
import type { Edge } from '../../src/edge/edge.ts'
import { EdgeMemory } from '../../src/edge/edge-memory.ts'
import { RemoteStream } from '../../src/edge/remote-stream.ts'
import { FrameKind } from '../../src/wire/frame.ts'
import { mediaFrame } from '../../src/wire/write-frame.ts'
import { TestClock } from '../support/test-clock.ts'
import { framed } from '../support/test-origin.ts'

/** One that has begun with a keyframe at 0, and of which frames come as a test says. */
function remote() {
  const clock = new TestClock()
  const memory = new EdgeMemory()
  const counts = newCounts()
  const overs: string[] = []
  const edge = { node: 'edge', clock, memory, counts } as unknown as Edge
  const stream = new RemoteStream(1, edge, { rejoin: () => {}, over: (_stream, how) => overs.push(how) })
  const read: RtmpMessage[] = []
  let seq = 0
  const begin = async (take: (message: RtmpMessage) => void = () => {}): Promise<void> => {
    stream.messages.on('data', message => {
      read.push(message)
      take(message)
    })
    await nextTurn()
    const messages = [framed(samples.keyframe(0))]
    stream.snapshot({ kind: FrameKind.Snapshot, flags: 0, seq, sentAt: 0, headers: 0, messages }, 0)
    await nextTurn()
  }
  /** Sends again what was sent last. */
  const repeat = (...messages: readonly RtmpMessage[]): void => {
    const head = { flags: 0, seq: seq + 1 - messages.length, sentAt: 0, headers: 0 }
    stream.receive(mediaFrame(head, messages.map(framed)), 0)
  }
  const send = (...messages: readonly RtmpMessage[]): void => {
    seq += messages.length
    repeat(...messages)
  }
  const times = () => read.map(({ timestamp }) => timestamp)
  return { stream, memory, counts, overs, read, begin, send, repeat, times, lose: () => (seq += 1) }
}

const sounds = (from: number, count: number) => Array.from({ length: count }, (_, index) => samples.audio(from + index))

describe('a stream from another node', () => {
  it('hands on what comes before anything else happens', async () => {
    const { begin, send, times, memory } = remote()
    await begin()
    send(...sounds(1, 3))
    expect(times()).toEqual([0, 1, 2, 3])
    expect(memory.bytes).toBe(0)
  })

  it('counts what is held for a snapshot, until it is handed on', async () => {
    const { stream, begin, send, times, memory, lose } = remote()
    await begin()
    send(...sounds(1, 1))
    stream.hold()
    lose()
    send(...sounds(3, 2))
    expect(times()).toEqual([0, 1])
    expect(memory.bytes).toBeGreaterThan(0)
    stream.release()
    expect(times()).toEqual([0, 1, 3, 4])
    expect(memory.bytes).toBe(0)
  })

  it('counts no more what was held and turns out to have come before', async () => {
    const { stream, begin, send, repeat, times, memory } = remote()
    await begin()
    send(...sounds(1, 2))
    stream.hold()
    repeat(...sounds(1, 2))
    expect(memory.bytes).toBeGreaterThan(0)
    stream.release()
    expect(memory.bytes).toBe(0)
    send(...sounds(3, 1))
    expect(times()).toEqual([0, 1, 2, 3])
  })

  it('keeps the order for a reader who pauses in the middle of a frame', async () => {
    const { stream, begin, send, times, memory } = remote()
    await begin(({ timestamp }) => {
      if (timestamp % 5 === 3) stream.messages.pause()
    })
    send(...sounds(1, 6))
    expect(times()).toEqual([0, 1, 2, 3])
    send(...sounds(7, 3))
    expect(memory.bytes).toBeGreaterThan(0)
    for (let turns = 0; turns < 10; turns += 1) {
      stream.messages.resume()
      await nextTurn()
    }
    send(...sounds(10, 2))
    expect(times()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(memory.bytes).toBe(0)
  })

  it('hands on no more to a reader who leaves in the middle of a frame, and holds nothing', async () => {
    const { stream, begin, send, times, memory, overs } = remote()
    await begin(({ timestamp }) => {
      if (timestamp === 2) stream.messages.destroy()
    })
    send(...sounds(1, 4))
    await nextTurn()
    send(...sounds(5, 2))
    expect(times()).toEqual([0, 1, 2])
    expect(overs).toEqual(['left'])
    expect(memory.bytes).toBe(0)
  })

  it('finds no hole after a reader has thrown', async () => {
    const { begin, send, times, counts } = remote()
    await begin(({ timestamp }) => {
      if (timestamp === 1) throw new Error('of the reader')
    })
    expect(() => send(samples.audio(1))).toThrow('of the reader')
    send(samples.interframe(2))
    expect(times()).toEqual([0, 1, 2])
    expect(counts.holes).toBe(0)
  })

  it('marks what comes after a hole, and hands on at once again from the next keyframe', async () => {
    const { begin, send, times, read, lose, memory } = remote()
    await begin()
    send(samples.audio(1))
    lose()
    send(samples.interframe(2), samples.audio(3), samples.audio(4))
    expect(times()).toEqual([0, 1, 3, 4])
    send(samples.keyframe(5))
    send(samples.interframe(6))
    expect(times()).toEqual([0, 1, 3, 4, 5, 6])
    expect(read.map(({ discontinuity }) => discontinuity === true)).toEqual([false, false, true, false, false, false])
    expect(memory.bytes).toBe(0)
  })

  it('ends after what has been handed on at once', async () => {
    const { stream, begin, send, times } = remote()
    await begin()
    let hasEnded = false
    stream.messages.on('end', () => (hasEnded = true))
    send(samples.audio(1))
    stream.end(false)
    await nextTurn()
    expect(times()).toEqual([0, 1])
    expect(hasEnded).toBe(true)
  })
})

import type { RtmpMessage } from '@rtmpipe/session'
import { take } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { MediaFile, Start } from '../../src/vod/media-file.ts'
import { MediaFileStream } from '../../src/vod/media-file-stream.ts'

/** A message every 10 ms for a second; its first byte is a tenth of its time. */
class Clock implements MediaFile {
  readonly duration = 1_000
  readonly metadata = message(0, 18)
  readonly leftOut = undefined
  /** Reads under way. */
  open = 0
  failAt = Infinity

  async find(timestamp: number): Promise<Start> {
    return { timestamp: Math.floor(timestamp / 100) * 100 }
  }

  async *read({ timestamp }: Start): AsyncGenerator<RtmpMessage, void> {
    this.open += 1
    try {
      for (let time = timestamp; time < 1_000; time += 10) {
        if (time >= this.failAt) throw new Error('EIO')
        yield message(time)
      }
    } finally {
      this.open -= 1
    }
  }

  async close(): Promise<void> {}
}

function message(timestamp: number, messageTypeId = 9): RtmpMessage {
  return { messageTypeId, messageStreamId: 0, timestamp, payload: Buffer.of(timestamp / 10) }
}

const timesOf = (messages: readonly RtmpMessage[]) => messages.map(({ timestamp }) => timestamp)

describe('a way through a recording', () => {
  it('marks the first message after a seek, and no other', async () => {
    const stream = new MediaFileStream(new Clock(), 0, () => {})
    const source = stream.source()
    await take(stream, 3)
    expect(await source.seek?.(555)).toBe(500)
    const rest: RtmpMessage[] = await stream.toArray()
    const marked = rest.filter(({ discontinuity }) => discontinuity === true)
    expect(timesOf(marked)).toEqual([500])
    expect(timesOf(rest.slice(rest.indexOf(marked[0] as RtmpMessage)))).toEqual(
      Array.from({ length: 50 }, (_, place) => 500 + place * 10),
    )
  })

  it('that is an excerpt begins at zero, and tells the time of the file after a seek', async () => {
    const stream = new MediaFileStream(new Clock(), 300, () => {})
    expect(timesOf(await take(stream, 3))).toEqual([0, 0, 10])
    await stream.source().seek?.(900)
    const rest: RtmpMessage[] = await stream.toArray()
    expect(rest.find(({ discontinuity }) => discontinuity === true)?.timestamp).toBe(900)
  })

  it('takes seeks that overtake one another', async () => {
    const clock = new Clock()
    const stream = new MediaFileStream(clock, 0, () => {})
    const source = stream.source()
    await Promise.all([200, 800, 400].map(async time => source.seek?.(time)))
    const rest: RtmpMessage[] = await stream.toArray()
    expect(rest.at(-1)?.timestamp).toBe(990)
    expect(timesOf(rest.filter(({ discontinuity }) => discontinuity === true))).toEqual([400])
    expect(clock.open).toBe(0)
  })

  it('is there before its beginning is found, and may be left until then', async () => {
    const clock = new Clock()
    let find: (start: Start) => void = () => {}
    const found = new Promise<Start>(resolve => {
      find = resolve
    })
    clock.find = () => found
    let released = 0
    const [stays, leaves] = [1, 2].map(() => new MediaFileStream(clock, 500, () => (released += 1)))
    const first = stays && take(stays, 2)
    leaves?.resume().destroy()
    find({ timestamp: 500 })
    expect(timesOf((await first) ?? [])).toEqual([0, 0])
    await new Promise(resolve => setImmediate(resolve))
    expect([released, clock.open]).toEqual([1, 1])
    stays?.destroy()
    await new Promise(resolve => setImmediate(resolve))
    expect([released, clock.open]).toEqual([2, 0])
  })

  it.each(['is left', 'ends', 'fails'])('lets go of the recording once when it %s', async how => {
    const clock = new Clock()
    let released = 0
    const stream = new MediaFileStream(clock, 0, () => {
      released += 1
    })
    if (how === 'fails') clock.failAt = 500
    if (how === 'is left') {
      await take(stream, 3)
      stream.destroy()
      await new Promise(resolve => setImmediate(resolve))
    } else if (how === 'ends') {
      expect(await stream.toArray()).toHaveLength(101)
    } else {
      await expect(stream.toArray()).rejects.toThrow('EIO')
    }
    expect([released, clock.open]).toEqual([1, 0])
    await expect(stream.source().seek?.(0)).rejects.toThrow('ended')
  })
})

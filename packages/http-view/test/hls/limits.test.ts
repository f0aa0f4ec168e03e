import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { MediaWindow } from '../../src/hls/media/media-window.ts'
import { feed, playlistOf, segmenter, stream } from '../support/cut.ts'
import { checkedPlaylist } from '../support/hls-rules.ts'

const maxBytes = 1024 * 1024

/** Bytes of all that is kept for a stream. */
function keptBytes({ renditions }: ReturnType<typeof segmenter>): number {
  return renditions.reduce((sum, { window }) => sum + window.byteLength, 0)
}

/** Media whose pictures are so large. */
function large(messages: ReturnType<typeof stream>, bytes: number) {
  return messages.map(message => {
    const isFrame = message.messageTypeId === 9 && message.payload[1] === 1
    return isFrame ? { ...message, payload: Buffer.concat([message.payload, Buffer.alloc(bytes)]) } : message
  })
}

describe('what a stream takes', () => {
  it('is bounded where time stands still', () => {
    const cut = feed(segmenter({ maxBytes }), stream({ seconds: 1 }))
    let parts = 0
    for (let count = 0; count < 4_000; count += 1) {
      cut.take({ ...large([samples.interframe(1_000)], 2_000)[0]!, timestamp: 1_000 })
      parts = Math.max(parts, cut.renditions[0]?.window.byteLength ?? 0)
    }
    // Eight million bytes came, and were sent in parts: none of them waits for a time that does not come.
    expect(parts).toBeGreaterThan(maxBytes / 4)
    expect(parts).toBeLessThan(maxBytes)
  })

  it('is bounded where all has the same time from the beginning', () => {
    const cut = segmenter({ maxBytes })
    const messages = large(stream({ seconds: 60 }), 20_000).map(message => ({ ...message, timestamp: 0 }))
    feed(cut, messages)
    expect(cut.renditions).toHaveLength(1)
    expect(keptBytes(cut)).toBeGreaterThan(maxBytes / 8)
    expect(keptBytes(cut)).toBeLessThan(maxBytes)
  })

  it('is bounded without a keyframe for minutes', () => {
    const cut = segmenter({ maxBytes })
    let most = 0
    for (const message of large(stream({ seconds: 200, gop: 100_000 }), 4_000)) {
      cut.take(message)
      most = Math.max(most, keptBytes(cut))
    }
    const { segments } = cut.renditions[0]!.window
    expect(most).toBeLessThan(maxBytes)
    expect(segments.length).toBeGreaterThan(1)
    expect(segments.every(({ parts }) => parts.every(({ isIndependent }) => !isIndependent))).toBe(true)
    checkedPlaylist(playlistOf(cut))
  })

  it('is bounded for all tracks together', () => {
    const cut = segmenter({ maxBytes })
    const tracks = [0, 1, 2, 3]
    const track = (message: ReturnType<typeof stream>[number], id: number) => {
      const [packet, rest] = [message.payload[1] === 0 ? 0 : 1, message.payload.subarray(2)]
      const head = Buffer.of(0x95, packet, 0x6d, 0x70, 0x34, 0x61, id)
      return { ...message, payload: Buffer.concat([head, rest, Buffer.alloc(packet === 0 ? 0 : 3_000)]) }
    }
    for (const message of stream({ seconds: 60, hasPictures: false }))
      for (const id of tracks) cut.take(message.messageTypeId === 8 ? track(message, id) : message)
    expect(cut.renditions).toHaveLength(4)
    expect(keptBytes(cut)).toBeGreaterThan(maxBytes / 4)
    expect(keptBytes(cut)).toBeLessThan(maxBytes)
  })

  it('is bounded where segments have nearly no media', () => {
    let name = 0
    const random = () => String(name++)
    const window = new MediaWindow({ name: 'main', extension: '.m4s', window: 1e9, grace: 6_000, maxBytes, random })
    for (let count = 0; count < 5_000; count += 1) {
      window.begin(window.nameInit(Buffer.alloc(100)), 0, true)
      window.addPart(1, true, Buffer.alloc(10))
      window.complete()
    }
    // Each is something of its own, whatever it has in it.
    expect(window.segments.length).toBeLessThan(maxBytes / 1_024)
    expect(window.segments.length).toBeGreaterThan(100)
  })
})

describe('pictures that stop', () => {
  const before = stream({ seconds: 5 })
  const alone = stream({ seconds: 25, from: 5_000, hasPictures: false }).slice(2)

  it('are not waited for: sound goes on without them, and nothing of it is lost', () => {
    const cut = feed(segmenter({ window: 60_000 }), [...before, ...alone])
    const { segments } = cut.renditions[0]!.window
    const total = segments.reduce((sum, { duration }) => sum + duration, 0)
    expect(total).toBeGreaterThan(28_500)
    expect(total).toBeLessThan(30_500)
    expect(segments.filter(({ isDiscontinuous }) => isDiscontinuous)).toHaveLength(1)
    expect(cut.renditions[0]!.sent.map(({ codec }) => codec)).toEqual(['mp4a'])
    checkedPlaylist(playlistOf(cut))
  })

  it('are seen again when they come back', () => {
    const cut = feed(segmenter({ window: 60_000 }), [
      ...before,
      ...alone,
      ...stream({ seconds: 5, from: 30_000 }).slice(3),
    ])
    expect(cut.renditions[0]!.sent.map(({ codec }) => codec)).toEqual(['avc1', 'mp4a'])
    expect(cut.renditions[0]!.window.segments.filter(({ isDiscontinuous }) => isDiscontinuous)).toHaveLength(2)
    checkedPlaylist(playlistOf(cut))
  })
})

describe('times that jump', () => {
  it('back before anything was sent: what was before is left out', () => {
    const cut = segmenter()
    feed(cut, [samples.audioHeader(0), samples.audio(2_415), samples.audio(2_647), samples.audio(255)])
    cut.end()
    expect(cut.renditions[0]?.window.segments).toHaveLength(1)
  })

  it.each([
    ['back while tracks are looked for', [0, 100, 200], -2_000],
    ['forth while tracks are looked for', [0, 100, 200], 60_000],
    ['round at 2^32', [2 ** 32 - 300, 2 ** 32 - 200, 2 ** 32 - 100], -(2 ** 32 - 100)],
  ] as const)('%s: what follows is played', (_, times, jump) => {
    const first = times.map(time => samples.keyframe(5_000 + time))
    const from = 5_200 + (times[2] - 200) + jump
    const cut = feed(segmenter(), [samples.videoHeader(0), ...first, ...stream({ seconds: 6, from, hasSound: false })])
    cut.end()
    const { segments } = cut.renditions[0]!.window
    const total = segments.reduce((sum, { duration }) => sum + duration, 0)
    expect(total).toBeGreaterThan(5_900)
    expect(total).toBeLessThan(7_000)
    checkedPlaylist(playlistOf(cut))
  })
})

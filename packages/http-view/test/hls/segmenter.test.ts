import { samples } from '@rtmpipe/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkedPlaylist } from '../support/hls-rules.ts'
import { feed, playlistOf, segmenter, stream } from '../support/cut.ts'

describe('Segmenter', () => {
  it('cuts segments at keyframes and parts of the wanted duration', () => {
    const cut = feed(segmenter(), stream({ seconds: 7 }))
    const [main] = cut.renditions
    expect(cut.renditions).toHaveLength(1)
    const { segments } = main!.window
    expect(segments.map(({ duration, isComplete }) => [duration, isComplete])).toEqual([
      [2_000, true],
      [2_000, true],
      [2_000, true],
      [800, false],
    ])
    expect(segments[0]?.parts.map(({ duration }) => duration)).toEqual(Array(10).fill(200))
    expect(segments[1]?.parts.map(({ isIndependent }) => isIndependent)).toEqual([true, ...Array(9).fill(false)])
    checkedPlaylist(playlistOf(cut))
  })

  it('marks a part with a keyframe in its middle as independent', () => {
    // Keyframes every 0.6 s, segments of 1.8 s.
    const cut = feed(segmenter({ segmentDuration: 1_800, partDuration: 400 }), stream({ seconds: 4, gop: 15 }))
    const [first] = cut.renditions[0]!.window.segments
    expect(first?.parts.map(({ duration, isIndependent }) => [duration, isIndependent])).toEqual([
      [400, true],
      [400, true],
      [400, false],
      [400, true],
      [200, false],
    ])
  })

  it.each([
    ['24', 1000 / 24],
    ['25', 40],
    ['29.97', 1001 / 30],
    ['30', 100 / 3],
    ['50', 20],
    ['59.94', 1001 / 60],
    ['60', 50 / 3],
    ['15', 200 / 3],
    ['10', 100],
  ])('keeps the rules of parts at %s pictures a second', (_, step) => {
    const cut = feed(segmenter(), stream({ seconds: 12, step, gop: Math.round(2000 / step) }))
    checkedPlaylist(playlistOf(cut))
  })

  it('keeps the rules whatever the pictures and keyframes are', () => {
    fc.assert(
      fc.property(
        fc.record({
          step: fc.integer({ min: 15, max: 100 }),
          gop: fc.integer({ min: 1, max: 250 }),
          seconds: fc.integer({ min: 3, max: 25 }),
          from: fc.integer({ min: 0, max: 100_000 }),
          partDuration: fc.constantFrom(0, 200, 333, 500, 1_000),
          segmentDuration: fc.integer({ min: 1_000, max: 6_000 }),
        }),
        ({ partDuration, segmentDuration, ...shape }) => {
          const cut = feed(segmenter({ partDuration, segmentDuration }), stream(shape))
          cut.end()
          if (cut.isReady) checkedPlaylist(playlistOf(cut))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('has no part that is longer than said, however unevenly pictures come', () => {
    let seed = 7
    const shift = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return (seed % 17) - 8
    }
    const cut = feed(segmenter(), stream({ seconds: 8, step: 33, gop: 60, shift }))
    const [main] = cut.renditions
    const parts = main!.window.segments.flatMap(segment => segment.parts)
    expect(Math.max(...parts.map(({ duration }) => duration))).toBeLessThanOrEqual(main!.partTarget)
  })

  it('cuts groups of pictures that are longer than a segment may be', () => {
    const cut = feed(segmenter({ gop: 2_000 }), stream({ seconds: 9, gop: 1_000 }))
    expect(cut.targetDuration).toBe(2)
    const text = playlistOf(cut)
    checkedPlaylist(text)
    expect(text).not.toContain('INDEPENDENT-SEGMENTS')
  })

  it('learns from the first segment how long segments are', () => {
    const cut = feed(segmenter(), stream({ seconds: 9, gop: 100 }))
    expect(cut.targetDuration).toBe(4)
    checkedPlaylist(playlistOf(cut))
  })

  it('serves sound alone', () => {
    const cut = feed(segmenter(), stream({ seconds: 7, hasPictures: false }))
    const text = playlistOf(cut)
    const { segments } = checkedPlaylist(text)
    expect(segments.length).toBeGreaterThanOrEqual(3)
    expect(text.match(/INDEPENDENT=YES/g)?.length).toBe(text.match(/#EXT-X-PART:/g)?.length)
  })

  it('ends with all that has come, and says so', () => {
    const cut = feed(segmenter(), stream({ seconds: 3 }))
    cut.end()
    const text = playlistOf(cut)
    const { endlist, segments } = checkedPlaylist(text)
    expect(endlist).toBe(true)
    expect(text).not.toContain('PRELOAD-HINT')
    expect(segments.reduce((sum, { duration }) => sum + duration, 0)).toBeCloseTo(3, 1)
  })

  it('goes on after a publisher has come back, with a discontinuity', () => {
    const cut = feed(segmenter(), stream({ seconds: 3 }))
    const again = stream({ seconds: 5, from: 50 })
    feed(
      cut,
      again.map((message, place) => (place === 0 ? { ...message, discontinuity: true } : message)),
    )
    const text = playlistOf(cut)
    checkedPlaylist(text)
    expect(text.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1)
    // It is the same as before.
    expect(text.match(/#EXT-X-MAP/g)).toHaveLength(1)
  })

  it('has other beginnings for another codec configuration', () => {
    const cut = feed(segmenter(), stream({ seconds: 3 }))
    const later = stream({ seconds: 4, from: 3_000 }).slice(3)
    const header = samples.videoHeader(3_000)
    const payload = Buffer.from(header.payload)
    payload[6] = 0x64
    feed(cut, [{ ...header, payload }, ...later])
    const text = playlistOf(cut)
    checkedPlaylist(text)
    expect(text.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1)
    expect(text.match(/#EXT-X-MAP/g)).toHaveLength(2)
  })

  it('counts discontinuities that are listed no more', () => {
    const cut = feed(segmenter({ window: 4_000 }), stream({ seconds: 3 }))
    feed(
      cut,
      stream({ seconds: 21 }).map((message, place) => (place === 0 ? { ...message, discontinuity: true } : message)),
    )
    const text = playlistOf(cut)
    expect(text).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:1\n')
    expect(text).not.toContain('#EXT-X-DISCONTINUITY\n')
  })

  it('keeps no more than its window, and no more bytes than it may', () => {
    const cut = segmenter({ window: 6_000 })
    feed(cut, stream({ seconds: 60 }))
    const { window } = cut.renditions[0]!
    const listed = window.segments.reduce((sum, { duration }) => sum + duration, 0)
    expect(listed).toBeGreaterThanOrEqual(6_000)
    expect(listed).toBeLessThanOrEqual(10_000)
    const small = segmenter({ window: 3_600_000, maxBytes: 1024 * 1024 })
    feed(small, stream({ seconds: 120 }))
    expect(small.renditions[0]!.window.byteLength).toBeLessThanOrEqual(1024 * 1024)
  })

  it('forgets the names of what is gone', () => {
    const cut = segmenter({ window: 4_000 })
    feed(cut, stream({ seconds: 3 }))
    const [first] = cut.renditions[0]!.window.segments
    const names = [first!.name, ...first!.parts.map(({ name }) => name)]
    const { window } = cut.renditions[0]!
    expect(names.map(name => window.file(name) !== undefined)).toEqual(names.map(() => true))
    feed(cut, stream({ seconds: 40, from: 3_000 }).slice(3))
    expect(names.map(name => window.file(name))).toEqual(names.map(() => undefined))
  })

  it('leaves out what is old from a delta update', () => {
    const cut = feed(segmenter({ window: 60_000 }), stream({ seconds: 41 }))
    const [full, delta] = [playlistOf(cut), playlistOf(cut, undefined, true)]
    const [, skipped] = /#EXT-X-SKIP:SKIPPED-SEGMENTS=(\d+)/.exec(delta) ?? []
    expect(Number(skipped)).toBe(14)
    const tail = (text: string): string => text.slice(text.indexOf('#EXT-X-PRELOAD'))
    expect(tail(delta)).toBe(tail(full))
    // What it lists is at least six target durations long.
    const listed = [...delta.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, [, text]) => sum + Number(text), 0)
    expect(listed).toBeGreaterThanOrEqual(11)
    expect(delta).not.toContain('#EXT-X-MAP')
  })

  it('waits for a keyframe, whatever comes before', () => {
    const messages = stream({ seconds: 4 }).filter((_, place) => place !== 3)
    const cut = feed(segmenter(), messages)
    expect(cut.renditions[0]?.window.segments.every(({ isIndependent }) => isIndependent)).toBe(true)
  })

  it('takes sound that begins later', () => {
    const pictures = stream({ seconds: 8, hasSound: false })
    const sound = stream({ seconds: 5, from: 3_000, hasPictures: false }).slice(1)
    const all = [...pictures, ...sound].sort((one, other) => one.timestamp - other.timestamp)
    const cut = feed(segmenter(), all)
    const text = playlistOf(cut)
    checkedPlaylist(text)
    expect(cut.renditions[0]?.sent.map(({ codec }) => codec)).toEqual(['avc1', 'mp4a'])
    expect(text.match(/#EXT-X-MAP/g)).toHaveLength(2)
  })

  it('begins anew where times jump', () => {
    const cut = feed(segmenter(), stream({ seconds: 3, from: 100_000 }))
    feed(cut, stream({ seconds: 4, from: 10 }).slice(3))
    expect(playlistOf(cut).match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1)
  })
})

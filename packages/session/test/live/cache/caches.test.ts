import { type AmfValue, AvmPlus, encodeAmf0 } from '@rtmpipe/amf'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { defaultGopCacheLimits, GopCache, type GopCacheLimits, unpinned } from '../../../src/live/cache/gop-cache.ts'
import { mediaRole } from '../../../src/protocol/media-role.ts'
import { StreamCache } from '../../../src/live/cache/stream-cache.ts'
import { samples } from '@rtmpipe/testing'

const { audio, audioHeader, disposable, interframe, keyframe, metadata, videoHeader } = samples

function gopCache(limits: Partial<GopCacheLimits> = {}) {
  const cache = new GopCache({ ...defaultGopCacheLimits, ...limits })
  return {
    cache,
    add: (...messages: RtmpMessage[]) => messages.forEach(message => cache.add(message, mediaRole(message))),
    timestamps: () => cache.messages.map(({ timestamp }) => timestamp),
  }
}

/** The payload of a message, written into memory that it shares. */
function head(memory: Buffer, { payload }: RtmpMessage): Buffer {
  payload.copy(memory)
  return memory
}

describe('GopCache', () => {
  it('keeps everything from the newest keyframe on, audio included, in order', () => {
    const { add, timestamps } = gopCache()
    add(audio(1), interframe(2), keyframe(3), audio(4), interframe(5), disposable(6))
    expect(timestamps()).toEqual([3, 4, 5, 6])
    add(keyframe(7), audio(6))
    expect(timestamps()).toEqual([7, 6])
  })

  it('keeps nothing of audio alone, however much', () => {
    const { add, timestamps } = gopCache()
    for (let index = 0; index < 10_000; index += 1) add(audio(index))
    expect(timestamps()).toEqual([])
  })

  it.each<[keyof GopCacheLimits, number, fits: RtmpMessage[], over: RtmpMessage]>([
    ['maxBytes', 3_000, [keyframe(0, 2_000), audio(1, 1_000)], audio(2, 2)],
    ['maxMessages', 3, [keyframe(0), audio(1), audio(2)], audio(3)],
    ['maxDuration', 1_000, [keyframe(0), audio(1_000)], audio(1_001)],
    // Time wraps after 2^32 milliseconds.
    ['maxDuration', 1_000, [keyframe(0xfffffe00), audio(400)], audio(600)],
  ])('above %s (%d) is empty until the next keyframe', (limit, value, fits, over) => {
    const { add, timestamps } = gopCache({ [limit]: value })
    add(...fits)
    expect(timestamps()).toHaveLength(fits.length)
    add(over)
    expect(timestamps()).toEqual([])
    add(interframe(over.timestamp + 1), audio(over.timestamp + 2))
    expect(timestamps()).toEqual([])
    add(keyframe(over.timestamp + 3))
    expect(timestamps()).toEqual([over.timestamp + 3])
  })

  it('counts bytes of this group only', () => {
    const { add, timestamps } = gopCache({ maxBytes: 3_000 })
    for (let index = 0; index < 10; index += 1) add(keyframe(index, 2_500))
    expect(timestamps()).toEqual([9])
  })

  it('keeps memory that its messages share, and no more than twice as much as they have', () => {
    const { cache, add } = gopCache({})
    const block = Buffer.alloc(64 * 1024)
    const slice = (index: number) => block.subarray(index * 1_000, (index + 1) * 1_000)
    add({ ...keyframe(0), payload: head(slice(0), keyframe(0)) })
    for (let index = 1; index < 60; index += 1)
      add({ ...interframe(index), payload: head(slice(index), interframe(0)) })
    expect(new Set(cache.messages.map(({ payload }) => payload.buffer))).toEqual(new Set([block.buffer]))

    // The rest of each of these blocks holds what is not kept.
    const others = Array.from({ length: 500 }, (_, index) => ({
      ...interframe(60 + index),
      payload: head(Buffer.alloc(64 * 1024).subarray(0, 1_000), interframe(0)),
    }))
    add(...others)
    const { messages } = cache
    expect(messages).toHaveLength(560)
    const kept = [...new Set(messages.map(({ payload }) => payload.buffer))]
    const pinned = kept.reduce((sum, { byteLength }) => sum + byteLength, 0)
    expect(pinned).toBeLessThan(2 * 560_000 + 128 * 1024 + 560_000)
    const sent = [...Array.from({ length: 60 }, (_, index) => slice(index)), ...others.map(({ payload }) => payload)]
    expect(messages.map(({ payload }) => payload)).toEqual(sent)
  })

  it('does not keep big read buffers for small messages', () => {
    const read = Buffer.alloc(64 * 1024)
    const small = { ...keyframe(0), payload: read.subarray(100, 600) }
    const kept = unpinned(small)
    expect(kept.payload.equals(small.payload)).toBe(true)
    expect(kept.payload.buffer.byteLength).toBeLessThan(10_000)
    const whole = { ...keyframe(0), payload: read.subarray(0, 60_000) }
    expect(unpinned(whole)).toBe(whole)
  })
})

function streamCache(gop: boolean) {
  const cache = new StreamCache(gop ? defaultGopCacheLimits : false)
  return {
    cache,
    add: (...messages: RtmpMessage[]) => messages.forEach(message => cache.add(message, mediaRole(message))),
  }
}

const body = ({ payload }: RtmpMessage) => payload.toString('hex', 0, 12)
const shown = (messages: RtmpMessage[]) => messages.map(message => [message.timestamp, body(message)])

describe('StreamCache', () => {
  it('gives metadata at 0, audio header, video header and the pictures; headers bear the time of the first', () => {
    const { cache, add } = streamCache(true)
    add(videoHeader(0), metadata(), audioHeader(0), keyframe(500), audio(510))
    expect(shown(cache.snapshot())).toEqual([
      [0, body(metadata())],
      [500, body(audioHeader())],
      [500, body(videoHeader())],
      [500, body(keyframe(500))],
      [510, body(audio(510))],
    ])
  })

  it('without pictures the headers bear the newest time', () => {
    const { cache, add } = streamCache(true)
    add(audioHeader(0), audio(900), audio(880))
    expect(shown(cache.snapshot())).toEqual([[880, body(audioHeader())]])
  })

  it('keeps the newest of each header', () => {
    const { cache, add } = streamCache(true)
    const [other, otherAudio] = [
      { ...videoHeader(), payload: Buffer.from('17000000ff', 'hex') },
      { ...audioHeader(), payload: Buffer.from('af00ff', 'hex') },
    ]
    add(videoHeader(), audioHeader(), metadata({ width: 1 }), other, otherAudio, metadata({ width: 2 }))
    expect(cache.snapshot().map(({ payload }) => payload)).toEqual([
      metadata({ width: 2 }).payload,
      otherAudio.payload,
      other.payload,
    ])
  })

  it('a new video header empties the pictures, which need the old one', () => {
    const { cache, add } = streamCache(true)
    const other = { ...videoHeader(80), payload: Buffer.from('17000000ff', 'hex') }
    add(videoHeader(), keyframe(0), interframe(40), other)
    expect(shown(cache.snapshot())).toEqual([[80, body(other)]])
    add(keyframe(120))
    expect(cache.snapshot()).toHaveLength(2)
  })

  it('the same header again does not', () => {
    const { cache, add } = streamCache(true)
    add(videoHeader(), keyframe(0), interframe(40), videoHeader(80))
    expect(cache.snapshot()).toHaveLength(3)
  })

  it('a new audio header does not', () => {
    const { cache, add } = streamCache(true)
    add(keyframe(0), audioHeader(10))
    expect(cache.snapshot()).toHaveLength(2)
  })

  it('keeps no data but metadata', () => {
    const { cache, add } = streamCache(true)
    add({ ...metadata(), payload: Buffer.from('0200016100', 'hex') })
    expect(cache.snapshot()).toEqual([])
  })

  it('keeps what is said of tracks that come as data, and their newest headers; of other data what is asked for', () => {
    const { cache, add } = streamCache(true)
    const data = (...values: AmfValue[]): RtmpMessage => ({ ...metadata(), payload: encodeAmf0(...values) })
    const track = (id: string, ...bytes: number[]) =>
      data('additionalMedia', { id, media: new AvmPlus(Uint8Array.from(bytes)) })
    const announcement = data('onExpectAdditionalMedia', { additionalMedia: { a: { type: 8 } } })
    const [first, second] = [track('a', 0xaf, 0, 0x11, 0x90), track('b', 0xaf, 0, 0x12, 0x10)]
    const newer = track('a', 0xaf, 0, 0x12, 0x10)
    cache.keepData('onTextData')
    const text = data('onTextData', { text: 'kept' })
    add(announcement, first, second, keyframe(0), track('a', 0xaf, 1, ...Array<number>(200).fill(7)), newer)
    add(text, data('onCuePoint', { name: 'not kept' }), keyframe(80))
    const kept = () => cache.snapshot().map(({ payload }) => payload)
    expect(kept()).toEqual([announcement, second, newer, text, keyframe(80)].map(({ payload }) => payload))
    cache.clearData('onTextData')
    cache.clearData('onExpectAdditionalMedia')
    expect(kept()).toEqual([second, newer, keyframe(80)].map(({ payload }) => payload))
    for (let id = 0; id < 100; id += 1) add(track(String(id), 0xaf, 0, 1))
    expect(kept()).toHaveLength(32 + 1)
    cache.clear()
    add(data('onTextData', 'x'.repeat(70_000)), track('a', 0xaf, 0, ...Array<number>(70_000).fill(7)))
    expect(kept()).toEqual([])
  })

  it('forgets metadata alone, or everything', () => {
    const { cache, add } = streamCache(true)
    add(metadata(), audioHeader(), keyframe(0))
    cache.clearMetadata()
    expect([cache.metadata, cache.snapshot().length]).toEqual([undefined, 2])
    cache.clear()
    expect(cache.snapshot()).toEqual([])
  })

  it.each([
    ['nothing has come', true, [], false],
    ['only audio has come', true, [audioHeader(), audio(0)], false],
    ['it starts with a keyframe', true, [keyframe(0), interframe(40)], false],
    ['its keyframe is gone', true, [keyframe(0), interframe(20_000)], true],
    ['it started with another picture', true, [interframe(40)], true],
    ['its header has changed', true, [keyframe(0), videoHeader()], true],
    ['pictures are not cached', false, [keyframe(0)], true],
    ['pictures are not cached, and none have come', false, [videoHeader(), audio(0)], false],
  ])('when %s (GOP cache %s)', (_what, gop, messages, isMidGroup) => {
    const { cache, add } = streamCache(gop)
    add(...messages)
    expect(cache.isMidGroup).toBe(isMidGroup)
    cache.clear()
    expect(cache.isMidGroup).toBe(false)
  })
})

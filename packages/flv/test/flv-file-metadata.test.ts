import { describe, expect, it } from 'vitest'
import { type FlvFacts, flvCompletion, flvKeyframesOf, flvMetadataTag, KeyframeList, metadataOf } from '../src/index.ts'

function facts(keyframes: number, capacity = 8): FlvFacts {
  const list = new KeyframeList(capacity)
  for (let place = 0; place < keyframes; place += 1) list.add(1_000 + place * 500, place * 2_000)
  const duration = keyframes * 2_000
  const lastTimestamp = Math.max(0, duration - 40)
  return { duration, lastTimestamp, fileSize: 100_000, hasAudio: true, hasVideo: true, keyframes: list }
}

const propertiesOf = (tag: Buffer) => metadataOf(tag.subarray(11, -4))

describe('metadata of a file', () => {
  it('are completed in the room that they had at the beginning', () => {
    const before = flvMetadataTag({ width: 320, encoder: 'somebody', duration: 5 }, facts(0))
    expect(propertiesOf(before)).toMatchObject({ width: 320, encoder: 'somebody', duration: 0 })
    const metadata = { position: 13, length: before.length, properties: propertiesOf(before) ?? {} }
    const [flags, tag] = flvCompletion(metadata, facts(6))
    expect(flags).toEqual({ position: 4, bytes: Buffer.from([5]) })
    expect(tag).toMatchObject({ position: 13, bytes: { length: before.length } })
    const said = propertiesOf(tag?.bytes ?? Buffer.alloc(0))
    expect(said).toMatchObject({
      width: 320,
      duration: 12,
      filesize: 100_000,
      lasttimestamp: 11.96,
      hasKeyframes: true,
    })
    expect(flvKeyframesOf(said, 100_000)).toEqual({
      positions: [1_000, 1_500, 2_000, 2_500, 3_000, 3_500],
      times: [0, 2_000, 4_000, 6_000, 8_000, 10_000],
    })
  })

  it('of others have what there is room for', () => {
    const metadata = { position: 13, length: 200, properties: { duration: 0, width: 320 } }
    const said = propertiesOf(flvCompletion(metadata, facts(8))[1]?.bytes ?? Buffer.alloc(0))
    expect(said).toEqual({ duration: 16, width: 320 })
    expect(flvCompletion({ ...metadata, length: 20 }, facts(8))).toHaveLength(1)
    expect(flvCompletion(undefined, { ...facts(0), hasVideo: false })).toEqual([
      { position: 4, bytes: Buffer.from([4]) },
    ])
  })
})

describe('flvKeyframesOf', () => {
  it.each([
    ['nothing', undefined],
    ['no index', {}],
    ['text', { keyframes: 'none' }],
    ['no numbers', { keyframes: { filepositions: ['1'], times: [0] } }],
    ['more places than times', { keyframes: { filepositions: [1, 2], times: [0] } }],
    ['times that go back', { keyframes: { filepositions: [1, 2], times: [3, 0] } }],
    ['a place behind the end', { keyframes: { filepositions: [1, 1_000], times: [0, 1] } }],
    ['an empty index', { keyframes: { filepositions: [], times: [] } }],
  ])('is undefined of %s', (_, properties) => {
    expect(flvKeyframesOf(properties, 1_000)).toBeUndefined()
  })
})

import { type AmfValue, AvmPlus, encodeAmf0 } from '@rtmpipe/amf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dataKey, isAnnouncement, isDataHeader } from '../../src/protocol/data-header.ts'

const trackOf = (id: AmfValue, bytes: Uint8Array) => encodeAmf0('additionalMedia', { id, media: new AvmPlus(bytes) })
const track = (id: AmfValue, ...bytes: number[]) => trackOf(id, Uint8Array.from(bytes))
const long = (id: AmfValue, first: number, second: number, length: number) =>
  trackOf(id, Buffer.concat([Buffer.of(first, second), Buffer.alloc(length, 7)]))

describe('a data header', () => {
  it.each<[what: string, payload: Buffer, is: boolean]>([
    ['what is said of tracks', encodeAmf0('onExpectAdditionalMedia', { processingIntents: [] }), true],
    ['a header of AAC', track('stream0', 0xaf, 0, 0x11, 0x90), true],
    ['a long header of AAC', long('stream0', 0xaf, 0, 20_000), true],
    ['a header of AVC', track('stream1', 0x17, 0, 0, 0, 0, 1, 0x64), true],
    ['a header of AAC without data', track('stream0', 0xaf, 0), false],
    ['a long header, of more bytes than three can say', long('stream0', 0xaf, 0, 2_200_000), true],
    ['a frame of AAC', long('stream0', 0xaf, 1, 200), false],
    ['a picture', long('stream1', 0x17, 1, 70_000), false],
    ['nothing', track('stream0'), false],
    ['another object', encodeAmf0('additionalMedia', { id: 'stream0' }), false],
    ['other data', encodeAmf0('onTextData', { text: 'x' }), false],
  ])('is %s', (_what, payload, is) => {
    expect(isDataHeader(payload)).toBe(is)
  })

  it('takes the place of one of the same name, and of the same track', () => {
    const [header, other, numbered] = [track('stream0', 0xaf, 0, 1), track('stream1', 0xaf, 0, 1), track(1, 0xaf, 0, 1)]
    expect([header, other, numbered].map(dataKey)).toEqual([
      'additionalMedia stream0',
      'additionalMedia stream1',
      'additionalMedia 1',
    ])
    expect(dataKey(encodeAmf0('onExpectAdditionalMedia', {}))).toBe('onExpectAdditionalMedia')
  })

  it('of any bytes does no harm', () => {
    const prefix = encodeAmf0('additionalMedia')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        for (const payload of [Buffer.from(bytes), Buffer.concat([prefix, bytes])]) {
          expect([typeof isDataHeader(payload), typeof isAnnouncement(payload), typeof dataKey(payload)]).toEqual([
            'boolean',
            'boolean',
            'string',
          ])
        }
      }),
      { numRuns: 300 },
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEmptyHeader } from '../src/index.ts'
import { TagType } from '../src/tag-type.ts'

const { Audio, Video } = TagType
const message = (messageTypeId: number, hex: string) => ({
  messageTypeId,
  payload: Buffer.from(hex.replaceAll(' ', ''), 'hex'),
})

describe('isEmptyHeader', () => {
  it.each([
    ['AVC', Video, '17 00 000000', '17 00 000000 01'],
    ['AVC without composition time', Video, '17 00', '17 00 01 64'],
    ['HEVC, legacy', Video, '1c 00 000000', '1c 00 000000 01'],
    ['AAC', Audio, 'af 00', 'af 00 12 10'],
    ['HEVC', Video, '90 68766331', '90 68766331 01'],
    ['HEVC, cut short', Video, '90 6876', '90 68766331 01'],
    ['AV1 in MPEG-2 TS form', Video, '95 61763031', '95 61763031 80'],
    ['HEVC behind ModEx', Video, '97 02 000001 00 68766331', '97 02 000001 00 68766331 01'],
    ['Opus', Audio, '90 4f707573', '90 4f707573 4f'],
    ['an unknown codec', Video, '90 78787878', '90 78787878 01'],
    ['one track', Video, '96 00 61763031 03', '96 00 61763031 03 81'],
    ['two tracks', Video, '96 10 61763031 01 000000 02 000000', '96 10 61763031 01 000000 02 000001 81'],
  ])('of %s', (_what, type, empty, good) => {
    expect([isEmptyHeader(message(type, empty)), isEmptyHeader(message(type, good))]).toEqual([true, false])
  })

  it.each(['ac-3', 'ec-3', '.mp3'])('is false of %s, which has no header', fourCc => {
    expect(isEmptyHeader(message(Audio, `90 ${Buffer.from(fourCc).toString('hex')}`))).toBe(false)
  })

  it('tells tracks apart', () => {
    const half = message(Video, '96 10 61763031 01 000000 02 000001 81')
    expect([isEmptyHeader(half, 1), isEmptyHeader(half, 2), isEmptyHeader(half)]).toEqual([true, false, false])
  })

  it('of any bytes does no harm', () => {
    fc.assert(
      fc.property(fc.constantFrom(Audio, Video), fc.uint8Array({ maxLength: 40 }), (messageTypeId, bytes) => {
        expect(typeof isEmptyHeader({ messageTypeId, payload: Buffer.from(bytes) })).toBe('boolean')
      }),
      { numRuns: 300 },
    )
  })
})

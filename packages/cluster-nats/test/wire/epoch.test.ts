import { describe, expect, it } from 'vitest'
import { epochOf, parseEpoch, partsOf } from '../../src/wire/epoch.ts'

const created = Date.UTC(2026, 10, 30, 15, 0, 0) / 1_000

describe('epochOf', () => {
  it('begins with 2025, in steps of four seconds, with the revision in the lower 26 bits', () => {
    const begin = Date.UTC(2025, 0, 1) / 1_000
    expect(epochOf({ created: begin, revision: 1 })).toBe(1)
    expect(epochOf({ created: begin + 4, revision: 3 })).toBe(67_108_864 + 3)
    expect(epochOf({ created: begin + 7.9, revision: 3 })).toBe(67_108_864 + 3)
  })

  it('is greater with each revision, and with a bucket that is made anew, whatever its revision', () => {
    const epochs = [
      epochOf({ created, revision: 1 }),
      epochOf({ created, revision: 2 }),
      epochOf({ created, revision: 2 ** 26 - 1 }),
      epochOf({ created: created + 4, revision: 1 }),
    ]
    expect(epochs.toSorted((a, b) => a - b)).toEqual(epochs)
    expect(new Set(epochs).size).toBe(4)
  })

  it('gives back what it was made of', () => {
    for (const revision of [1, 77, 2 ** 26 - 1]) {
      expect(partsOf(epochOf({ created, revision }))).toEqual({ created, revision })
    }
  })

  it('holds until the year 2041', () => {
    const late = Date.UTC(2041, 11, 1) / 1_000
    const epoch = epochOf({ created: late, revision: 2 ** 26 - 1 })
    expect(Number.isSafeInteger(epoch)).toBe(true)
    expect(partsOf(epoch)).toEqual({ created: late, revision: 2 ** 26 - 1 })
  })

  it.each([
    { created: 0, revision: 1 },
    { created: NaN, revision: 1 },
    { created: Date.UTC(2043, 0, 1) / 1_000, revision: 1 },
    { created, revision: 0 },
    { created, revision: 1.5 },
    { created, revision: 2 ** 26 },
  ])('refuses $created with revision $revision', parts => {
    expect(() => epochOf(parts)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_CLUSTER_EPOCH' }))
  })

  it.each([0, -1, 1.5, NaN, 2 ** 53, 2 ** 26])('does not take %d apart', epoch => {
    expect(() => partsOf(epoch)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_CLUSTER_EPOCH' }))
  })
})

describe('parseEpoch', () => {
  it('takes decimal numbers that are exact', () => {
    expect(parseEpoch('67108867')).toBe(67_108_867)
    expect(parseEpoch(String(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER)
  })

  it.each(['', '0', '01', '-1', '1e3', '1.5', '0x10', ' 1', '*', '9007199254740993', '9'.repeat(400)])(
    'takes no %j',
    text => expect(parseEpoch(text)).toBeUndefined(),
  )
})

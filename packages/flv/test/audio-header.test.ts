import { isAudioSequenceHeader, isCodedAudio, parseAudioHeader } from '@rtmpipe/flv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { audioCases } from './support/cases.ts'
import { audioPayload } from './support/payloads.ts'

describe.each(audioCases)('$name', ({ payload, role, header }) => {
  test('is parsed', () => {
    if (header === undefined) expect(parseAudioHeader(payload)).toBeUndefined()
    else expect(parseAudioHeader(payload)).toMatchObject(header)
  })

  test('has its role', () => {
    expect(isAudioSequenceHeader(payload)).toBe(role === 'header')
    expect(isCodedAudio(payload)).toBe(role === 'frame')
  })

  test('is never misread when cut short', () => {
    for (let length = 0; length < payload.length; length++) {
      const tracks = parseAudioHeader(payload.subarray(0, length))?.tracks ?? []
      for (const track of tracks) expect(track.bodyEnd).toBeLessThanOrEqual(length)
    }
  })
})

test('predicates agree with the parsed head, and bodies lie inside the payload, whatever the bytes', () => {
  let parsed = 0
  const property = fc.property(audioPayload, payload => {
    const header = parseAudioHeader(payload)
    if (header === undefined || payload.length < 2) return
    parsed++
    expect(isAudioSequenceHeader(payload)).toBe(header.packetType === 0)
    expect(isCodedAudio(payload)).toBe(header.packetType === 1)
    expect(header.headerLength).toBe(header.tracks[0]!.bodyStart)
    for (const { bodyStart, bodyEnd } of header.tracks) {
      expect(bodyEnd).toBeGreaterThanOrEqual(bodyStart)
      expect(bodyEnd).toBeLessThanOrEqual(payload.length)
    }
  })
  fc.assert(property, { numRuns: 3000 })
  expect(parsed).toBeGreaterThan(100)
})

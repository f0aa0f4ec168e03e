import { isCodedVideo, isDisposable, isKeyframe, isVideoSequenceHeader, parseVideoHeader } from '@rtmpipe/flv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Role, videoCases } from './support/cases.ts'
import { hex } from './support/hex.ts'
import { videoPayload } from './support/payloads.ts'

function roleOf(payload: Uint8Array): Role {
  const roles: Role[] = []
  if (isKeyframe(payload)) roles.push('keyframe')
  if (isDisposable(payload)) roles.push('disposable')
  if (isVideoSequenceHeader(payload)) roles.push('header')
  if (roles.length === 0) roles.push(isCodedVideo(payload) ? 'frame' : 'other')
  expect(roles).toHaveLength(1)
  return roles[0]!
}

describe.each(videoCases)('$name', ({ payload, role, header }) => {
  test('is parsed', () => {
    if (header === undefined) expect(parseVideoHeader(payload)).toBeUndefined()
    else expect(parseVideoHeader(payload)).toMatchObject(header)
  })

  test('has its role', () => {
    expect(roleOf(payload)).toBe(role)
  })

  test('is coded only if it is a picture', () => {
    expect(isCodedVideo(payload)).toBe(role !== 'header' && role !== 'other')
  })

  test('is never misread when cut short', () => {
    for (let length = 0; length < payload.length; length++) {
      const tracks = parseVideoHeader(payload.subarray(0, length))?.tracks ?? []
      for (const track of tracks) expect(track.bodyEnd).toBeLessThanOrEqual(length)
    }
  })
})

test('predicates agree with the parsed head, and bodies lie inside the payload, whatever the bytes', () => {
  let parsed = 0
  const property = fc.property(videoPayload, payload => {
    const role = roleOf(payload)
    const header = parseVideoHeader(payload)
    if (header === undefined || payload.length < 2) return
    parsed++
    expect(role).toBe(expectedRole(header.packetType, header.frameType))
    expect(header.headerLength).toBe(header.tracks[0]!.bodyStart)
    for (const { bodyStart, bodyEnd } of header.tracks) {
      expect(bodyStart).toBeGreaterThan(0)
      expect(bodyEnd).toBeGreaterThanOrEqual(bodyStart)
      expect(bodyEnd).toBeLessThanOrEqual(payload.length)
    }
  })
  fc.assert(property, { numRuns: 3000 })
  expect(parsed).toBeGreaterThan(100)
})

function expectedRole(packetType: number, frameType: number | undefined): Role {
  if (packetType === 0 || packetType === 5) return 'header'
  if (packetType !== 1 && packetType !== 3) return 'other'
  if (frameType === 1) return 'keyframe'
  return frameType === 3 ? 'disposable' : 'frame'
}

test('more tracks than there are ids are refused', () => {
  const payload = (tracks: number) => Buffer.concat([hex('96 13 61763031'), Buffer.alloc(4 * tracks)])
  expect(parseVideoHeader(payload(256))?.tracks).toHaveLength(256)
  expect(parseVideoHeader(payload(257))).toBeUndefined()
})

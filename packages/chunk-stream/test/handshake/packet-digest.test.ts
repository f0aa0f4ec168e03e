import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestFirst, keyFirst } from '../../src/handshake/digest-layout.ts'
import { clientKey, serverKey } from '../../src/handshake/genuine-key.ts'
import { findDigest, hmac, writeDigest } from '../../src/handshake/packet-digest.ts'
import { ffmpegC0c1, countingC1, rtmpe, swf } from '../support/handshakes.ts'
import { hex } from '../support/hex.ts'

describe('digest layouts', () => {
  it.each([
    { layout: digestFirst, digest: 50, key: 1154 },
    { layout: keyFirst, digest: 798, key: 14 },
  ])('$layout.name: find their places', ({ layout, digest, key }) => {
    expect(layout.digestOffset(countingC1())).toBe(digest)
    expect(layout.keyOffset(countingC1())).toBe(key)
  })

  it.each([digestFirst, keyFirst])('$name: stay inside their blocks, whatever the bytes', layout => {
    for (const value of [0, 255]) {
      const packet = Buffer.alloc(1536, value)
      const digest = layout.digestOffset(packet)
      const key = layout.keyOffset(packet)
      const [first, second] = layout === digestFirst ? [digest, key] : [key, digest]
      expect(first).toBeGreaterThanOrEqual(8)
      expect(first + (first === digest ? 32 : 128)).toBeLessThanOrEqual(772)
      expect(second).toBeGreaterThanOrEqual(772)
      expect(second + (second === digest ? 32 : 128)).toBeLessThanOrEqual(1536)
    }
  })
})

describe('digests', () => {
  it.each([
    { layout: digestFirst, expected: '847b0a67b05fc66226127cd092337f2f9d2150340f81eafde5b40988a40a60b8' },
    { layout: keyFirst, expected: '2e064d617800c563ffdb6ff67e2084be69f21576d0e3449c252dccae7bd4ce49' },
  ])('$layout.name: are written where they are found', ({ layout, expected }) => {
    const packet = countingC1()
    expect(writeDigest(packet, layout, clientKey)).toEqual(hex(expected))
    expect(findDigest(packet, clientKey)).toEqual({ layout, digest: hex(expected) })
    expect(findDigest(packet, serverKey)).toBeUndefined()
  })

  it('key the signature that answers them', () => {
    const digest = hex('847b0a67b05fc66226127cd092337f2f9d2150340f81eafde5b40988a40a60b8')
    const expected = 'fec845ab2b3154a21311bf4f54d805435779435bfa778d23d7b4945d31ca532b'
    expect(hmac(serverKey.whole, digest)).toEqual(hex(expected))
  })

  it.each([
    { who: 'FFmpeg', packet: ffmpegC0c1.subarray(1), key: clientKey, layout: digestFirst },
    { who: 'rtmpdump', packet: swf.c1, key: clientKey, layout: digestFirst },
    { who: 'rtmpdump over RTMPE', packet: rtmpe.c1, key: clientKey, layout: keyFirst },
    { who: 'rtmpsrv', packet: swf.s1, key: serverKey, layout: digestFirst },
    { who: 'rtmpsrv over RTMPE', packet: rtmpe.s1, key: serverKey, layout: keyFirst },
  ])('of $who are found, $layout.name', ({ packet, key, layout }) => {
    expect(findDigest(packet, key)?.layout).toBe(layout)
  })

  it('cover every byte', () => {
    const offsets = fc.integer({ min: 0, max: 1535 })
    fc.assert(
      fc.property(offsets, fc.integer({ min: 1, max: 255 }), fc.constantFrom(swf.c1, rtmpe.c1), (at, change, c1) => {
        const packet = Buffer.from(c1)
        packet[at] = (packet[at] as number) ^ change
        expect(findDigest(packet, clientKey)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })
})

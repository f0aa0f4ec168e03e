import { describe, expect, it } from 'vitest'
import { clientKey, serverKey } from '../../src/handshake/genuine-key.ts'
import { findDigest } from '../../src/handshake/packet-digest.ts'
import { isSigned, signedPacket } from '../../src/handshake/packet-signature.ts'
import { encryptSignature } from '../../src/handshake/xtea.ts'
import { rtmpe, type RecordedHandshake, swf } from '../support/handshakes.ts'
import { bytes, hex } from '../support/hex.ts'

function digests({ c1, s1 }: RecordedHandshake): { c1: Buffer; s1: Buffer } {
  return { c1: findDigest(c1, clientKey)?.digest as Buffer, s1: findDigest(s1, serverKey)?.digest as Buffer }
}

describe('signatures', () => {
  it.each([
    { name: 'plain', version: 3, recorded: swf },
    { name: 'type 8', version: 8, recorded: rtmpe },
  ])('of rtmpdump and rtmpsrv are right, $name', ({ version, recorded }) => {
    const { c1, s1 } = digests(recorded)
    expect(isSigned(recorded.s2, version, serverKey, c1)).toBe(true)
    expect(isSigned(recorded.c2, version, clientKey, s1)).toBe(true)
  })

  it('fit one version, one key and one digest', () => {
    const { c1, s1 } = digests(rtmpe)
    expect(isSigned(rtmpe.s2, 6, serverKey, c1)).toBe(false)
    expect(isSigned(rtmpe.s2, 8, clientKey, c1)).toBe(false)
    expect(isSigned(rtmpe.s2, 8, serverKey, s1)).toBe(false)
    expect(isSigned(swf.s2, 8, serverKey, digests(swf).c1)).toBe(false)
  })

  it('cover all that comes before them', () => {
    const { c1 } = digests(swf)
    for (const at of [0, 700, 1503, 1504, 1535]) {
      const s2 = Buffer.from(swf.s2)
      s2[at] = (s2[at] as number) ^ 1
      expect(isSigned(s2, 3, serverKey, c1), `byte ${at}`).toBe(false)
    }
  })

  it('are those of the handbook', () => {
    const digest = hex('847b0a67b05fc66226127cd092337f2f9d2150340f81eafde5b40988a40a60b8')
    const signature = hex('d457b1d382c9153e11ef1e9844ddce9c9773833c7c3b450892ae939f00619aae')
    expect(isSigned(Buffer.concat([bytes(1504, 0), signature]), 3, serverKey, digest)).toBe(true)
  })

  it.each([3, 6, 8])('are ours too, version %i; the packet begins with the time it answers', version => {
    const { c1 } = digests(swf)
    const packet = signedPacket(version, serverKey, c1, hex('01020304'))
    expect(packet).toHaveLength(1536)
    expect(packet.subarray(0, 4)).toEqual(hex('01020304'))
    expect(isSigned(packet, version, serverKey, c1)).toBe(true)
  })
})

describe('XTEA', () => {
  it('encrypts with little-endian words under the key that the digest key selects', () => {
    const digestKey = hex('0f00000000000000 1e00000000000000 0000000000000000 1000000000000000')
    const encrypted = encryptSignature(bytes(32, 0), digestKey)
    expect(encrypted.subarray(0, 8)).toEqual(hex('2fc77daba62aadc9'))
    expect(encrypted.subarray(8, 24)).toEqual(hex('2fc77daba62aadc9 2fc77daba62aadc9'))
    expect(encrypted.subarray(24)).not.toEqual(hex('2fc77daba62aadc9'))
  })
})

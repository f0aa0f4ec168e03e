import { type HandshakeStep, ProtocolError, ServerHandshake } from '@rtmpipe/chunk-stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { keyFirst } from '../../src/handshake/digest-layout.ts'
import { clientKey, serverKey } from '../../src/handshake/genuine-key.ts'
import { findDigest, writeDigest } from '../../src/handshake/packet-digest.ts'
import { isSigned } from '../../src/handshake/packet-signature.ts'
import { cutEvery } from '../support/demux.ts'
import { ffmpegC0c1, countingC1, rtmpe, swf } from '../support/handshakes.ts'
import { bytes, hex } from '../support/hex.ts'

afterEach(() => {
  vi.useRealTimers()
})

const junkC2 = bytes(1536, 0xee)

function keyFirstC0c1(): Buffer {
  const c1 = countingC1()
  writeDigest(c1, keyFirst, clientKey)
  return Buffer.concat([hex('03'), c1])
}

interface Answer {
  readonly s0: number
  readonly s1: Buffer
  readonly s2: Buffer
}

function answerOf({ reply }: HandshakeStep): Answer {
  expect(reply).toHaveLength(3073)
  const [s1, s2] = [reply?.subarray(1, 1537) as Buffer, reply?.subarray(1537) as Buffer]
  return { s0: reply?.readUInt8(0) as number, s1, s2 }
}

function expectSigned({ s0, s1, s2 }: Answer, c1: Buffer): void {
  const found = findDigest(c1, clientKey)
  expect(s1[4], 'version of S1').toBeGreaterThanOrEqual(3)
  expect(findDigest(s1, serverKey)?.layout).toBe(found?.layout)
  expect(isSigned(s2, s0, serverKey, found?.digest as Buffer)).toBe(true)
  expect(s2.subarray(0, 4), 'time of C1 in S2').toEqual(c1.subarray(0, 4))
}

describe('ServerHandshake by digest', () => {
  it.each([
    { who: 'FFmpeg', c0c1: ffmpegC0c1 },
    { who: 'rtmpdump', c0c1: swf.c0c1 },
    { who: 'a client with the key first', c0c1: keyFirstC0c1() },
  ])('answers $who in its own layout, before C2', ({ c0c1 }) => {
    const handshake = new ServerHandshake()
    const answer = answerOf(handshake.push(c0c1))
    expect(answer.s0).toBe(3)
    expectSigned(answer, c0c1.subarray(1))
    const step = handshake.push(Buffer.concat([junkC2, hex('0203')]))
    expect(step).toMatchObject({ done: true, rest: hex('0203'), swfVerificationKey: answer.s1.subarray(-32) })
    expect(step.ciphers).toBeUndefined()
  })

  it.each([1, 1000, 3073])('is the same when cut every %i bytes', size => {
    const handshake = new ServerHandshake()
    const steps = [...cutEvery(Buffer.concat([ffmpegC0c1, junkC2]), size)].map(segment => handshake.push(segment))
    const answers = steps.filter(({ reply }) => reply !== undefined)
    expectSigned(answerOf(answers[0] as HandshakeStep), ffmpegC0c1.subarray(1))
    expect(answers).toHaveLength(1)
    expect(steps.map(step => step.done)).toEqual(steps.map((_, i) => i === steps.length - 1))
  })

  it.each([
    { what: 'is wrong', c1: withByte(ffmpegC0c1.subarray(1), 1000, 0) },
    { what: 'is not promised by a version', c1: Buffer.concat([bytes(8, 0), ffmpegC0c1.subarray(9)]) },
    { what: 'has a server’s key', c1: swf.s1 },
  ])('goes back to the simple one when the digest $what', ({ c1 }) => {
    const handshake = new ServerHandshake()
    const { s0, s1, s2 } = answerOf(handshake.push(Buffer.concat([hex('03'), c1])))
    expect(s0).toBe(3)
    expect(s1.subarray(4, 8)).toEqual(bytes(4, 0))
    expect(s2).toEqual(c1)
    const step = handshake.push(junkC2)
    expect(step.done).toBe(true)
    expect(step.swfVerificationKey).toBeUndefined()
  })

  it('tells how long the client took from S2 to C2', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const handshake = new ServerHandshake()
    handshake.push(ffmpegC0c1)
    vi.advanceTimersByTime(42)
    expect(handshake.push(junkC2).roundTrip).toBe(42)
  })
})

describe('ServerHandshake over RTMPE', () => {
  const encrypted = () => new ServerHandshake({ rtmpe: true })

  it.each([6, 8])('answers type %i with the same', type => {
    const handshake = encrypted()
    const answer = answerOf(handshake.push(withByte(rtmpe.c0c1, 0, type)))
    expect(answer.s0).toBe(type)
    expectSigned(answer, rtmpe.c1)
    const step = handshake.push(Buffer.concat([junkC2, hex('0203')]))
    expect(step).toMatchObject({ done: true, rest: hex('0203'), swfVerificationKey: answer.s1.subarray(-32) })
    expect(step.ciphers).toBeDefined()
  })

  it('still takes those without encryption', () => {
    expect(answerOf(encrypted().push(ffmpegC0c1)).s0).toBe(3)
    expect(encrypted().push(ffmpegC0c1).ciphers).toBeUndefined()
  })

  it.each([3, 6])('has new keys for every client, type %i', type => {
    const [a, b] = [encrypted(), encrypted()].map(it => answerOf(it.push(withByte(rtmpe.c0c1, 0, type))).s1)
    expect(a).not.toEqual(b)
  })

  it.each(['06', '08'])('is refused at the first byte unless it is wanted, type %s', c0 => {
    const refused = expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_VERSION' })
    expect(() => new ServerHandshake().push(hex(c0))).toThrow(refused)
  })

  it.each(['00', '02', '04', '05', '07', '09', '16', '47'])('refuses type 0x%s', c0 => {
    expect(() => encrypted().push(hex(c0))).toThrow(expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_VERSION' }))
  })

  it('refuses a client without a digest: nobody knows where its key is', () => {
    const c0c1 = Buffer.concat([hex('06'), countingC1()])
    const refused = expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_DIGEST', layer: 'handshake' })
    expect(() => encrypted().push(c0c1)).toThrow(refused)
    expect(() => encrypted().push(c0c1)).toThrow(ProtocolError)
  })

  it.each([
    ['0', bytes(128, 0)],
    ['1', Buffer.concat([bytes(127, 0), hex('01')])],
    ['all ones', bytes(128, 0xff)],
  ])('refuses the public key %s', (_name, key) => {
    const c1 = Buffer.from(rtmpe.c1)
    key.copy(c1, keyFirst.keyOffset(c1))
    writeDigest(c1, keyFirst, clientKey)
    const push = () => encrypted().push(Buffer.concat([hex('06'), c1]))
    expect(push).toThrow(expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_PUBLIC_KEY' }))
  })
})

function withByte(from: Buffer, at: number, value: number): Buffer {
  const bytes = Buffer.from(from)
  bytes[at] = value
  return bytes
}

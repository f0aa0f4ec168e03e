import { ProtocolError, ServerHandshake } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { cutEvery } from '../support/demux.ts'
import { bytes, hex } from '../support/hex.ts'

const c1 = Buffer.from(Array.from({ length: 1536 }, (_, i) => i * 13 + 1))
const c0c1 = Buffer.concat([hex('03'), c1])
const junkC2 = bytes(1536, 0xee)

describe('ServerHandshake', () => {
  it('sends nothing first, and S0S1S2 as soon as C1 is complete', () => {
    const handshake = new ServerHandshake()
    expect(handshake.start()).toBeUndefined()
    expect(handshake.push(c0c1.subarray(0, 1536))).toEqual({ done: false, rest: hex('') })
    const step = handshake.push(c0c1.subarray(1536))
    expect(step).toMatchObject({ done: false, rest: hex('') })

    const reply = step.reply as Buffer
    expect(reply).toHaveLength(1 + 1536 + 1536)
    expect(reply[0]).toBe(3)
    // Anything but zero in S1[4..8) promises a digest.
    expect(reply.subarray(1 + 4, 1 + 8)).toEqual(bytes(4, 0))
    expect(reply.subarray(1 + 1536)).toEqual(c1)
  })

  it('fills S1 with random bytes', () => {
    const [a, b] = [new ServerHandshake().push(c0c1).reply, new ServerHandshake().push(c0c1).reply]
    expect(a?.subarray(9, 1537)).not.toEqual(b?.subarray(9, 1537))
    expect(new Set(a?.subarray(9, 1537)).size).toBeGreaterThan(200)
  })

  it('takes any C2 and keeps what follows it', () => {
    const step = new ServerHandshake().push(Buffer.concat([c0c1, junkC2, hex('0203')]))
    expect(step).toMatchObject({ done: true, rest: hex('0203') })
    expect(step.reply).toHaveLength(3073)
  })

  it.each([1, 7, 1000, 1537, 3072])('is the same when cut every %i bytes', size => {
    const handshake = new ServerHandshake()
    const whole = Buffer.concat([c0c1, junkC2])
    const steps = [...cutEvery(whole, size)].map(segment => handshake.push(segment))
    expect(steps.filter(step => step.reply !== undefined)).toHaveLength(1)
    expect(steps.map(step => step.done)).toEqual(steps.map((_, i) => i === steps.length - 1))
  })

  it.each(['00', '02', '04', '06', '16', '47'])('refuses version 0x%s at its first byte', version => {
    const refused = expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_VERSION', layer: 'handshake' })
    expect(() => new ServerHandshake().push(hex(version))).toThrow(refused)
    expect(() => new ServerHandshake().push(hex(version))).toThrow(ProtocolError)
  })
})

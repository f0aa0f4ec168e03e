import { ClientHandshake, ProtocolError, ServerHandshake } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { cutEvery } from '../support/demux.ts'
import { bytes, hex } from '../support/hex.ts'

const s1 = Buffer.from(Array.from({ length: 1536 }, (_, i) => i * 11 + 3))
const s0s1s2 = Buffer.concat([hex('03'), s1, bytes(1536, 0xee)])

describe('ClientHandshake', () => {
  it('sends C0C1 first, with zeros where a version would promise a digest', () => {
    const c0c1 = new ClientHandshake().start()
    expect(c0c1).toHaveLength(1537)
    expect(c0c1[0]).toBe(3)
    expect(c0c1.subarray(5, 9)).toEqual(bytes(4, 0))
    expect(new ClientHandshake().start()).not.toEqual(c0c1)
  })

  it('echoes S1 once S2 is complete, and keeps what follows', () => {
    const handshake = new ClientHandshake()
    expect(handshake.push(s0s1s2.subarray(0, 3072))).toEqual({ done: false, rest: hex('') })
    const step = handshake.push(Buffer.concat([s0s1s2.subarray(3072), hex('0203')]))
    expect(step).toEqual({ reply: s1, done: true, rest: hex('0203'), roundTrip: expect.any(Number) })
  })

  it.each([1, 1000, 3073])('is the same when cut every %i bytes', size => {
    const handshake = new ClientHandshake()
    const steps = [...cutEvery(s0s1s2, size)].map(segment => handshake.push(segment))
    expect(steps.at(-1)).toEqual({ reply: s1, done: true, rest: hex(''), roundTrip: expect.any(Number) })
    expect(steps.filter(step => step.reply !== undefined || step.done)).toHaveLength(1)
  })

  it('refuses another version than 3', () => {
    expect(() => new ClientHandshake().push(hex('06'))).toThrow(ProtocolError)
  })

  it('gets along with our server', () => {
    const [client, server] = [new ClientHandshake(), new ServerHandshake()]
    const answer = server.push(client.start()).reply as Buffer
    const { reply, done } = client.push(answer)
    expect(done).toBe(true)
    expect(server.push(reply as Buffer).done).toBe(true)
  })
})

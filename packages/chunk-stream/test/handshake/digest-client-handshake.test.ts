import { ClientHandshake, type HandshakeStep, ServerHandshake } from '@rtmpipe/chunk-stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { keyFirst } from '../../src/handshake/digest-layout.ts'
import { clientKey, serverKey } from '../../src/handshake/genuine-key.ts'
import { findDigest, writeDigest } from '../../src/handshake/packet-digest.ts'
import { isSigned } from '../../src/handshake/packet-signature.ts'
import { cutEvery } from '../support/demux.ts'
import { swf } from '../support/handshakes.ts'
import { bytes, hex } from '../support/hex.ts'

afterEach(() => {
  vi.useRealTimers()
})

function digestIn(packet: Buffer, key: typeof clientKey): Buffer {
  return findDigest(packet, key)?.digest as Buffer
}

/** C0C1 of an encrypted client with another first byte, and the answer of our server. */
function serverAnswer(client: ClientHandshake, type: number): { server: ServerHandshake; s0s1s2: Buffer } {
  const server = new ServerHandshake({ rtmpe: true })
  const c0c1 = client.start()
  c0c1[0] = type
  return { server, s0s1s2: server.push(c0c1).reply as Buffer }
}

describe('ClientHandshake by digest', () => {
  it('sends a version and a digest', () => {
    const c0c1 = new ClientHandshake({ type: 'digest' }).start()
    expect(c0c1).toHaveLength(1537)
    expect(c0c1[0]).toBe(3)
    expect(findDigest(c0c1.subarray(1), clientKey)?.layout.name).toBe('digest-first')
    expect(c0c1.readUInt32BE(5)).not.toBe(0)
  })

  it('signs C2 for the digest of S1, and looks at S2 no more than the simple one', () => {
    const handshake = new ClientHandshake({ type: 'digest' })
    const step = handshake.push(Buffer.concat([hex('03'), swf.s1, bytes(1536, 0), hex('0203')]))
    expect(step).toMatchObject({ done: true, rest: hex('0203'), swfVerificationKey: swf.s1.subarray(-32) })
    expect(step.ciphers).toBeUndefined()
    expect(isSigned(step.reply as Buffer, 3, clientKey, digestIn(swf.s1, serverKey))).toBe(true)
  })

  it('echoes S1 when that has no digest', () => {
    const s1 = Buffer.from(swf.s1)
    s1[1000] = (s1[1000] as number) ^ 1
    const step = new ClientHandshake({ type: 'digest' }).push(Buffer.concat([hex('03'), s1, swf.s2]))
    expect(step).toMatchObject({ done: true, reply: s1 })
    expect(step.swfVerificationKey).toBeUndefined()
  })

  it('tells how long the server took from C1 to S2', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const handshake = new ClientHandshake({ type: 'digest' })
    handshake.start()
    vi.advanceTimersByTime(42)
    expect(handshake.push(swf.s0s1s2).roundTrip).toBe(42)
  })

  it('gets a signed answer from our server', () => {
    const [client, server] = [new ClientHandshake({ type: 'digest' }), new ServerHandshake()]
    const c0c1 = client.start()
    const s0s1s2 = server.push(c0c1).reply as Buffer
    expect(isSigned(s0s1s2.subarray(1537), 3, serverKey, digestIn(c0c1.subarray(1), clientKey))).toBe(true)
    const { reply, done, swfVerificationKey } = client.push(s0s1s2)
    expect(done).toBe(true)
    expect(server.push(reply as Buffer)).toMatchObject({ done: true, swfVerificationKey })
  })
})

describe('ClientHandshake over RTMPE', () => {
  const encrypted = () => new ClientHandshake({ type: 'rtmpe' })

  it('begins with type 6, the key before the digest', () => {
    const c0c1 = encrypted().start()
    expect(c0c1[0]).toBe(6)
    expect(findDigest(c0c1.subarray(1), clientKey)?.layout.name).toBe('key-first')
  })

  it.each([6, 8])('agrees with our server on the ciphers, type %i', type => {
    const client = encrypted()
    const { server, s0s1s2 } = serverAnswer(client, type)
    expect(s0s1s2[0]).toBe(type)
    const ours = client.push(Buffer.concat([s0s1s2, hex('0203')]))
    expect(ours).toMatchObject({ done: true, rest: hex('0203') })
    expect(isSigned(ours.reply as Buffer, type, clientKey, digestIn(s0s1s2.subarray(1, 1537), serverKey))).toBe(true)
    const theirs = server.push(ours.reply as Buffer)
    expect(ours.swfVerificationKey).toEqual(theirs.swfVerificationKey)
    expectToFit(ours, theirs)
    expectToFit(theirs, ours)
  })

  it.each([1, 1000])('is the same when cut every %i bytes', size => {
    const client = encrypted()
    const { server, s0s1s2 } = serverAnswer(client, 6)
    const steps = [...cutEvery(s0s1s2, size)].map(segment => client.push(segment))
    expect(steps.map(step => step.done)).toEqual(steps.map((_, i) => i === steps.length - 1))
    const last = steps.at(-1) as HandshakeStep
    expectToFit(last, server.push(last.reply as Buffer))
  })

  it('does without encryption never', () => {
    const refused = expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_NOT_ENCRYPTED', layer: 'handshake' })
    expect(() => encrypted().push(hex('03'))).toThrow(refused)
  })

  it.each(['00', '02', '04', '09', '48'])('refuses type 0x%s', s0 => {
    expect(() => encrypted().push(hex(s0))).toThrow(expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_VERSION' }))
  })

  it.each([
    { what: 'digest of S1', at: 1 + 100 },
    { what: 'last byte of S1', at: 1536 },
    { what: 'signature of S2', at: 3072 },
    { what: 'first byte of S2', at: 1537 },
  ])('refuses a wrong $what', ({ at }) => {
    const client = encrypted()
    const { s0s1s2 } = serverAnswer(client, 6)
    s0s1s2[at] = (s0s1s2[at] as number) ^ 1
    expect(() => client.push(s0s1s2)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_DIGEST' }))
  })

  it('refuses the answer to somebody else', () => {
    const { s0s1s2 } = serverAnswer(encrypted(), 6)
    expect(() => encrypted().push(s0s1s2)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_DIGEST' }))
  })

  it.each([
    ['0', bytes(128, 0)],
    ['1', Buffer.concat([bytes(127, 0), hex('01')])],
    ['all ones', bytes(128, 0xff)],
  ])('refuses the public key %s', (_name, key) => {
    const client = encrypted()
    const { s0s1s2 } = serverAnswer(client, 6)
    const s1 = s0s1s2.subarray(1, 1537)
    key.copy(s1, keyFirst.keyOffset(s1))
    writeDigest(s1, keyFirst, serverKey)
    expect(() => client.push(s0s1s2)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_PUBLIC_KEY' }))
  })
})

/** What one side sends is what the other reads. */
function expectToFit(from: HandshakeStep, to: HandshakeStep): void {
  const sent = Buffer.from('the first bytes of the chunk stream')
  const wire = from.ciphers?.outgoing.apply(sent) as Buffer
  expect(wire).not.toEqual(sent)
  expect(to.ciphers?.incoming.apply(wire)).toEqual(sent)
}

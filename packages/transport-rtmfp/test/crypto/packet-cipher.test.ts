import { describe, expect, it } from 'vitest'
import {
  defaultProtection,
  PacketOpener,
  type PacketProtection,
  PacketSealer,
  sessionIdOf,
} from '../../src/crypto/packet-cipher.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { bytes, vectors } from '../vectors/vectors.ts'

const { defaultKey, modes, shortDatagram } = vectors.packetLayer

function protectionOf(
  mode: { aesKey?: string; hmacKey?: string; hmacLength?: number },
  isNumbered: boolean,
): PacketProtection {
  const { aesKey = '', hmacKey, hmacLength = 0 } = mode
  return {
    aesKey: bytes(aesKey),
    ...(hmacKey !== undefined && hmacLength > 0 && { hmac: { key: bytes(hmacKey), length: hmacLength } }),
    isNumbered,
  }
}

function sealed(sealer: PacketSealer, sessionId: string, packet: Buffer): string {
  const writer = sealer.begin(4_096)
  writer.put(packet)
  return sealer.seal(bytes(sessionId).readUInt32BE(), writer).toString('hex')
}

it('the key of start-up packets', () => {
  const { packet, datagram } = defaultKey
  expect(sealed(new PacketSealer(defaultProtection), '00000000', bytes(packet))).toBe(datagram)
  const opened = new PacketOpener(defaultProtection).open(bytes(datagram))
  expect(opened?.rest().toString('hex')).toMatch(new RegExp(`^${packet}f*$`))
  expect(sessionIdOf(bytes(datagram))).toBe(0)
})

it.each(modes)('$note', mode => {
  const { sessionSequence, sessionId, packet, datagram } = mode
  const protection = protectionOf(mode, sessionSequence !== undefined)
  const sealer = new PacketSealer(protection, Number(sessionSequence ?? 0))
  expect(sealed(sealer, sessionId, bytes(packet))).toBe(datagram)
  const opener = new PacketOpener(protection)
  expect(opener.open(bytes(datagram))?.rest().toString('hex')).toMatch(new RegExp(`^${packet}f*$`))
  expect(sessionIdOf(bytes(datagram))).toBe(bytes(sessionId).readUInt32BE())
  if (sessionSequence !== undefined) expect(opener.open(bytes(datagram))).toBeUndefined()
})

it('session ids of short datagrams, and of what is none', () => {
  expect(sessionIdOf(bytes(shortDatagram.datagram))).toBe(bytes(shortDatagram.sessionId).readUInt32BE())
  expect(sessionIdOf(bytes('01020304'))).toBeUndefined()
})

describe('one packet after the other', () => {
  const protection = { aesKey: Buffer.alloc(16, 1), hmac: { key: Buffer.alloc(32, 2), length: 10 }, isNumbered: true }

  it('has the bytes of a cipher that begins anew each time', () => {
    const standing = new PacketSealer(protection)
    for (let number = 0; number < 200; number += 1) {
      const packet = Buffer.alloc(1 + number * 3, number)
      expect(sealed(standing, '00000007', packet)).toBe(
        sealed(new PacketSealer(protection, number), '00000007', packet),
      )
    }
  })

  it('opens in whatever order, once each; nothing that was changed opens', () => {
    const sealer = new PacketSealer(protection)
    const datagrams = Array.from({ length: 50 }, (_, index) => {
      const writer = sealer.begin(64)
      writer.u8(index)
      return sealer.seal(1, writer)
    })
    const opener = new PacketOpener(protection)
    const shuffled = datagrams
      .map((datagram, index) => ({ datagram, index }))
      .sort((a, b) => ((a.index * 7) % 50) - ((b.index * 7) % 50))
    for (const { datagram, index } of shuffled) {
      for (let at = 4; at < datagram.length; at += 9) {
        const changed = Buffer.from(datagram)
        changed[at] = (changed[at] as number) ^ 1
        expect(opener.open(changed)).toBeUndefined()
      }
      expect(opener.open(datagram)?.u8()).toBe(index)
      expect(opener.open(datagram)).toBeUndefined()
    }
  })

  it('without an HMAC, a wrong checksum is seen, and what follows opens', () => {
    const weak = { aesKey: Buffer.alloc(16, 1), isNumbered: false }
    const [sealer, opener] = [new PacketSealer(weak), new PacketOpener(weak)]
    for (let number = 0; number < 20; number += 1) {
      const writer = sealer.begin(64)
      writer.u8(number)
      const datagram = sealer.seal(1, writer)
      const changed = Buffer.from(datagram)
      changed[10] = (changed[10] as number) ^ 0x40
      expect(opener.open(changed)).toBeUndefined()
      expect(opener.open(datagram)?.u8()).toBe(number)
    }
  })

  it('lengths that can not be are no packet', () => {
    const opener = new PacketOpener(protection)
    for (const length of [0, 4, 5, 14, 19, 29, 31, 9_000]) expect(opener.open(Buffer.alloc(length))).toBeUndefined()
  })
})

describe('datagrams of the reference implementation', () => {
  it.each(vectors.live.cases)('$description', ({ startup, session, keys, negotiated }) => {
    for (const { datagram, plaintext, sessionId } of startup) {
      const opener = new PacketOpener(defaultProtection)
      const plain = bytes(plaintext)
      expect(opener.open(bytes(datagram))?.bytes.toString('hex')).toBe(plaintext)
      expect(sealed(new PacketSealer(defaultProtection), sessionId, plain.subarray(2))).toBe(datagram)
    }
    const agreed = negotiated as Record<string, { hmac: boolean; hmacLength: number; sequence: boolean }>
    const direction = (name: string, aes: string, hmac: string): PacketProtection => {
      const { hmac: hasHmac, hmacLength, sequence } = agreed[name] as (typeof agreed)[string]
      return protectionOf(
        { aesKey: (keys[aes] ?? '').slice(0, 32), ...(hasHmac && { hmacKey: keys[hmac] ?? '', hmacLength }) },
        sequence,
      )
    }
    const openers: Record<string, PacketOpener> = {
      'i>r': new PacketOpener(direction('initiatorToResponder', 'enc', 'hmacSend')),
      'r>i': new PacketOpener(direction('responderToInitiator', 'dec', 'hmacRecv')),
    }
    for (const { dir = '', datagram, plaintext, sessionId } of session) {
      expect(sessionIdOf(bytes(datagram))).toBe(bytes(sessionId).readUInt32BE())
      expect(openers[dir]?.open(bytes(datagram))?.bytes.toString('hex')).toBe(plaintext)
    }
  })

  it.each(vectors.capture.cases)('$description', ({ packets }) => {
    for (const packet of packets) {
      // Start-up packets among them have neither.
      const protection = protectionOf(packet, packet.hmacLength > 0)
      const { datagram, plaintext, sessionId } = packet
      expect(new PacketOpener(protection).open(bytes(datagram))?.bytes.toString('hex')).toBe(plaintext)
      const plain = new ByteReader(bytes(plaintext))
      const number = protection.isNumbered ? plain.vlu() : plain.u16()
      expect(sealed(new PacketSealer(protection, number), sessionId, plain.rest())).toBe(datagram)
    }
  })
})

import { randomBytes } from 'node:crypto'
import { expect, vi } from 'vitest'
import { ephemeralCertificate, staticCertificate } from '../../src/crypto/certificate.ts'
import { makeKeyPair } from '../../src/crypto/diffie-hellman.ts'
import { discriminatorOfPeer, discriminatorOfUrl } from '../../src/crypto/endpoint-discriminator.ts'
import { requiredProtection, staticInitiatorKeying } from '../../src/crypto/keying.ts'
import { defaultProtection, PacketSealer } from '../../src/crypto/packet-cipher.ts'
import type { ByteWriter } from '../../src/wire/byte-writer.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { encodeOption } from '../../src/wire/options.ts'
import { Mode, writeChunk, writeFiller, writeHeader } from '../../src/wire/packet.ts'
import {
  type InitiatorInitialKeying,
  writeCookieChange,
  writeForwardedHello,
  writeInitiatorHello,
  writeInitiatorKeying,
  writePacketFragment,
  writeRedirect,
  writeResponderHello,
  writeResponderKeying,
} from '../../src/wire/startup-chunks.ts'
import { type Attacker, attackersCertificate, keyingOf, serverUrl, turn } from '../support/attacker.ts'
import type { HostileScene } from '../support/hostile-scene.ts'
import { type Attack, hostile } from '../support/hostile.ts'

const tag = Buffer.alloc(16, 1)
const counts = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** What is sent is not answered, and opens nothing. */
async function nothingComesOf(scene: HostileScene, datagrams: (attacker: Attacker) => Iterable<Buffer>): Promise<void> {
  const attacker = await scene.attacker()
  const { sessions } = scene.listener.usage
  await attacker.flood(datagrams(attacker))
  await scene.goesOn()
  expect(attacker.receivedBytes).toBe(0)
  expect(scene.listener.usage.sessions).toBeLessThanOrEqual(sessions)
}

/** Keys with a good cookie and something else that is bad. */
async function nothingComesOfKeying(
  scene: HostileScene,
  ...all: readonly ((cookie: Buffer) => Partial<InitiatorInitialKeying>)[]
): Promise<void> {
  const attacker = await scene.attacker()
  const cookie = await attacker.cookie()
  const { receivedBytes } = attacker
  const { sessions } = scene.listener.usage
  await attacker.flood(all.map(make => attacker.keying({ cookie, ...make(cookie) })))
  await scene.goesOn()
  expect(attacker.receivedBytes).toBe(receivedBytes)
  expect(scene.listener.usage.sessions).toBeLessThanOrEqual(sessions)
}

const component = staticInitiatorKeying(14, requiredProtection)
const groupSelect = (group: number): Buffer => encodeOption(0x1d, Buffer.of(group))
const randomness = encodeOption(0x0e, Buffer.alloc(64))
const hmac = (...bytes: number[]): Buffer => encodeOption(0x1a, Buffer.of(...bytes))
const prime = Buffer.from(makeKeyPair(14).publicKey).fill(0xff)

/** A certificate with a key of that value. */
const keyOf = (key: Buffer, group = 14): Buffer => encodeOption(0x1d, Buffer.concat([Buffer.of(group), key]))

const questions: readonly Attack[] = [
  [
    'a flood of questions from 60 ports',
    async scene => {
      const attackers = await Promise.all([scene.attacker(), ...counts(59).map(() => scene.neighbour())])
      for (let round = 0; round < 20; round += 1) {
        for (const attacker of attackers) attacker.send(attacker.hello())
        await turn()
      }
    },
  ],
  [
    'a flood of questions from 40 networks',
    async scene => {
      for (let network = 0; network < 40; network += 1) {
        const attacker = await scene.attacker()
        await attacker.flood(counts(30).map(index => attacker.hello(serverUrl, Buffer.alloc(16, index))))
      }
    },
  ],
  [
    'questions of 8,000 bytes',
    async scene => {
      const attacker = await scene.attacker()
      const long = attacker.startup(writer => {
        writeInitiatorHello(writer, { endpointDiscriminator: serverUrl, tag })
        writeFiller(writer, 8_000 - writer.position)
      })
      await attacker.flood(counts(50).map(() => long))
    },
  ],
  [
    'questions as short as they can be, of all lengths',
    async scene => {
      const attacker = await scene.attacker()
      await attacker.flood(
        counts(60).map(length =>
          attacker.hello(discriminatorOfUrl('a'.repeat(length % 12)), Buffer.alloc(Math.floor(length / 12))),
        ),
      )
    },
  ],
  [
    'tags of 4,000 bytes',
    async scene => {
      const attacker = await scene.attacker()
      await attacker.flood(counts(50).map(() => attacker.hello(serverUrl, Buffer.alloc(4_000, 7))))
    },
  ],
  [
    'a hundred questions in one packet',
    async scene => {
      const attacker = await scene.attacker()
      const hello = { endpointDiscriminator: serverUrl, tag }
      const many = attacker.startup(writer => {
        for (let index = 0; index < 100; index += 1) writeInitiatorHello(writer, hello)
      })
      await attacker.flood([many, many, many])
      await scene.goesOn()
      expect(attacker.receivedBytes).toBeLessThan(600)
    },
  ],
  [
    'introductions to nobody',
    scene =>
      nothingComesOf(scene, attacker => counts(200).map(() => attacker.hello(discriminatorOfPeer(randomBytes(32))))),
  ],
  [
    'introductions to the innocent, whom nobody has allowed it',
    scene =>
      nothingComesOf(scene, attacker =>
        counts(200).map(index => attacker.hello(discriminatorOfPeer(scene.innocents[index % 2] as Buffer))),
      ),
  ],
  [
    'introductions to the innocent from 40 ports',
    async scene => {
      const attackers = await Promise.all([scene.attacker(), ...counts(39).map(() => scene.neighbour())])
      for (const attacker of attackers)
        await attacker.flood(scene.innocents.map(innocent => attacker.hello(discriminatorOfPeer(innocent))))
      await scene.goesOn()
      for (const { receivedBytes } of attackers) expect(receivedBytes).toBe(0)
    },
  ],
  [
    'somebody else’s host name',
    scene => nothingComesOf(scene, attacker => [attacker.hello(encodeOption(0, Buffer.from('elsewhere')))]),
  ],
  [
    'fingerprints of all lengths but the right one',
    scene =>
      nothingComesOf(scene, attacker =>
        counts(32).map(length => attacker.hello(encodeOption(0x0f, Buffer.alloc(length)))),
      ),
  ],
  [
    'a discriminator cut off at every byte',
    scene =>
      nothingComesOf(scene, attacker =>
        counts(serverUrl.length).map(length => attacker.hello(serverUrl.subarray(0, length))),
      ),
  ],
  [
    'a discriminator that says everything twice',
    scene => nothingComesOf(scene, attacker => [attacker.hello(Buffer.concat([serverUrl, serverUrl]))]),
  ],
  [
    'a discriminator of 2,000 options',
    scene => nothingComesOf(scene, attacker => [attacker.hello(Buffer.alloc(4_000, Buffer.of(1, 0x55)))]),
  ],
  [
    'lengths of more than 64 bits, and without an end',
    scene =>
      nothingComesOf(scene, attacker =>
        [
          Buffer.from('82808080808080808000', 'hex'),
          Buffer.alloc(3_000, 0x80),
          Buffer.alloc(3_000, 0xff),
          Buffer.from('8fffffffffffff7f0a', 'hex'),
          Buffer.from('ffffffffffffffffffff7f', 'hex'),
        ].flatMap(bytes => [
          attacker.hello(bytes),
          attacker.startup(writer => writeChunk(writer, ChunkType.InitiatorHello, chunk => chunk.put(bytes))),
        ]),
      ),
  ],
  [
    'lengths that are longer than they need be',
    async scene => {
      const attacker = await scene.attacker()
      const { length } = serverUrl
      const long = attacker.startup(writer =>
        writeChunk(writer, ChunkType.InitiatorHello, chunk =>
          chunk.put(Buffer.alloc(40, 0x80)).u8(length).put(serverUrl).put(tag),
        ),
      )
      await attacker.flood([long])
      await scene.goesOn()
      // Legal, and answered once.
      await vi.waitFor(() => expect(attacker.receivedBytes).toBeGreaterThan(0), 5_000)
    },
  ],
]

const cookies: readonly Attack[] = [
  ['cookies of zeros', scene => nothingComesOf(scene, attacker => counts(300).map(() => attacker.keying({})))],
  [
    'cookies by chance',
    scene => nothingComesOf(scene, attacker => counts(300).map(() => attacker.keying({ cookie: randomBytes(64) }))),
  ],
  [
    'cookies of all lengths',
    scene =>
      nothingComesOf(scene, attacker => counts(130).map(length => attacker.keying({ cookie: Buffer.alloc(length) }))),
  ],
  [
    'a cookie with every bit altered',
    scene =>
      nothingComesOfKeying(
        scene,
        ...counts(32).flatMap(at =>
          [0x01, 0x80].map(mask => (cookie: Buffer) => {
            const altered = Buffer.from(cookie)
            altered[at] = (altered[at] as number) ^ mask
            return { cookie: altered }
          }),
        ),
      ),
  ],
  [
    'a cookie whose second half is altered, which is answered with another, as one that has moved',
    async scene => {
      const attacker = await scene.attacker()
      const cookie = await attacker.cookie()
      const other = await scene.neighbour()
      for (let at = 32; at < 64; at += 1) {
        const altered = Buffer.from(cookie)
        altered[at] = (altered[at] as number) ^ 1
        other.send(other.keying({ cookie: altered }))
      }
      await scene.goesOn()
      expect(scene.listener.usage.sessions).toBe(2)
    },
  ],
  [
    'cookies that say to be older or younger than they are',
    scene =>
      nothingComesOfKeying(
        scene,
        ...[-1e9, -120_001, -1, 1, 60_000, 1e9].map(shift => (cookie: Buffer) => {
          const altered = Buffer.from(cookie)
          altered.writeDoubleBE(cookie.readDoubleBE() + shift)
          return { cookie: altered }
        }),
        ...[Number.NaN, Number.POSITIVE_INFINITY, -0].map(time => (cookie: Buffer) => {
          const altered = Buffer.from(cookie)
          altered.writeDoubleBE(time)
          return { cookie: altered }
        }),
      ),
  ],
  [
    'a cookie of another port',
    async scene => {
      const attacker = await scene.attacker()
      const cookie = await attacker.cookie()
      const thieves = await Promise.all(counts(20).map(() => scene.neighbour()))
      for (const thief of thieves) await thief.flood(counts(20).map(() => thief.keying({ cookie })))
      await scene.goesOn()
      expect(scene.listener.usage.sessions).toBe(2)
    },
  ],
  [
    'a cookie of another address, with keys as short as can be',
    async scene => {
      const cookie = await (await scene.attacker()).cookie()
      const thief = await scene.attacker()
      const none = Buffer.alloc(0)
      const short = { cookie, certificate: none, keyingComponent: none, signature: none }
      await thief.flood(counts(150).map(() => thief.keying(short)))
      await scene.goesOn()
      expect(thief.receivedBytes).toBeGreaterThan(0)
    },
  ],
]

const keyings: readonly Attack[] = [
  [
    'keys that are sent 300 times',
    async scene => {
      const attacker = await scene.attacker()
      const keying = attacker.keying({ cookie: await attacker.cookie() })
      attacker.isKnown = true
      const before = attacker.receivedBytes
      await attacker.flood(counts(300).map(() => keying))
      await scene.goesOn()
      expect(scene.listener.usage.sessions).toBeLessThanOrEqual(3)
      // No more than he sent, though it is his address.
      expect(attacker.receivedBytes - before).toBeLessThan(300 * keying.length)
    },
  ],
  [
    'keys that somebody else sends again',
    async scene => {
      const attacker = await scene.attacker()
      const keying = attacker.keying({ cookie: await attacker.cookie() })
      attacker.isKnown = true
      await attacker.flood([keying])
      await scene.goesOn()
      const { sessions } = scene.listener.usage
      const thief = await scene.neighbour()
      await thief.flood(counts(100).map(() => keying))
      await scene.goesOn()
      expect(scene.listener.usage.sessions).toBeLessThanOrEqual(sessions)
    },
  ],
  [
    '80 different keys with one cookie',
    async scene => {
      const attacker = await scene.attacker()
      const cookie = await attacker.cookie()
      attacker.isKnown = true
      const { sessions } = scene.listener.usage
      await attacker.flood(
        counts(80).map(() => {
          const keyingComponent = staticInitiatorKeying(14, requiredProtection, randomBytes(64))
          return attacker.keying({ cookie, keyingComponent })
        }),
      )
      await scene.goesOn()
      expect(scene.listener.usage.sessions).toBeLessThanOrEqual(sessions + 1)
    },
  ],
  [
    'sessions from 40 ports of which nobody says anything',
    async scene => {
      const attackers = await Promise.all([scene.attacker(), ...counts(39).map(() => scene.neighbour())])
      for (const attacker of attackers) {
        const cookie = await attacker.cookie()
        attacker.isKnown = true
        await attacker.flood([attacker.keying({ cookie })])
      }
      await scene.goesOn()
      expect(scene.listener.usage.sessions).toBeGreaterThan(2)
      await expect.poll(() => scene.listener.usage.sessions, { timeout: 10_000 }).toBe(2)
    },
  ],
  ['the id 0', scene => nothingComesOfKeying(scene, () => ({ sessionId: 0 }))],
  [
    'no certificate, and one of nothing',
    scene =>
      nothingComesOfKeying(
        scene,
        () => ({ certificate: Buffer.alloc(0) }),
        () => ({ certificate: Buffer.alloc(100) }),
      ),
  ],
  [
    'a certificate cut off at every third byte',
    scene =>
      nothingComesOfKeying(
        scene,
        ...counts(Math.floor(attackersCertificate.length / 3)).map(index => () => ({
          certificate: attackersCertificate.subarray(0, 3 * index),
        })),
      ),
  ],
  [
    'a certificate that is static and ephemeral',
    scene =>
      nothingComesOfKeying(scene, () => ({
        certificate: Buffer.concat([attackersCertificate, ephemeralCertificate([14], randomBytes(16)).bytes]),
      })),
  ],
  [
    'a certificate of 60 keys, and one of 3,000 options',
    scene =>
      nothingComesOfKeying(
        scene,
        () => ({ certificate: Buffer.concat(counts(60).map(() => keyOf(randomBytes(64), 2))) }),
        () => ({ certificate: Buffer.alloc(6_000, Buffer.of(1, 0x0e)) }),
      ),
  ],
  [
    'public keys of nothing, of little, and of all ones',
    scene =>
      nothingComesOfKeying(
        scene,
        ...[
          Buffer.alloc(0),
          Buffer.of(0),
          Buffer.of(1),
          Buffer.of(2),
          Buffer.of(1, 0, 0, 0),
          Buffer.alloc(256),
          prime,
          Buffer.concat([Buffer.of(1), Buffer.alloc(255)]),
          randomBytes(300),
          randomBytes(2_000),
        ].map(key => () => ({ certificate: keyOf(key) })),
      ),
  ],
  [
    'public keys of too few ones, in each group',
    scene =>
      nothingComesOfKeying(
        scene,
        ...[2, 5, 14].map(group => () => ({
          certificate: keyOf(Buffer.concat([Buffer.from('0fff', 'hex'), Buffer.alloc(100)]), group),
          keyingComponent: Buffer.concat([groupSelect(group), randomness]),
        })),
      ),
  ],
  [
    'groups that there are not, that we have not, and that it has no key in',
    scene =>
      nothingComesOfKeying(
        scene,
        ...[0, 1, 3, 16, 99, 2, 5].map(group => () => ({
          keyingComponent: Buffer.concat([groupSelect(group), randomness]),
        })),
      ),
  ],
  [
    'two groups, and two keys',
    scene =>
      nothingComesOfKeying(
        scene,
        () => ({ keyingComponent: Buffer.concat([groupSelect(14), groupSelect(14), randomness]) }),
        () => {
          const key = encodeOption(0x0d, Buffer.concat([Buffer.of(14), makeKeyPair(14).publicKey]))
          return {
            certificate: ephemeralCertificate([14], randomBytes(16)).bytes,
            keyingComponent: Buffer.concat([key, key]),
          }
        },
      ),
  ],
  [
    'an ephemeral end without a key',
    scene =>
      nothingComesOfKeying(scene, () => ({
        certificate: ephemeralCertificate([14], randomBytes(16)).bytes,
        keyingComponent: randomness,
      })),
  ],
  [
    'no randomness, and too little',
    scene =>
      nothingComesOfKeying(
        scene,
        () => ({ keyingComponent: groupSelect(14) }),
        () => ({ keyingComponent: Buffer.concat([groupSelect(14), encodeOption(0x0e, Buffer.alloc(15))]) }),
      ),
  ],
  [
    'an HMAC of impossible lengths',
    scene =>
      nothingComesOfKeying(
        scene,
        ...[[4, 0], [4, 3], [4, 33], [2, 0xff, 0x7f], [4, 0x8f, 0xff, 0xff, 0xff, 0x7f], [4]].map(bytes => () => ({
          keyingComponent: Buffer.concat([groupSelect(14), randomness, hmac(...bytes)]),
        })),
      ),
  ],
  [
    'options of nothing where flags are to be',
    scene =>
      nothingComesOfKeying(
        scene,
        ...[0x1a, 0x1e].map(type => () => ({
          keyingComponent: Buffer.concat([groupSelect(14), randomness, encodeOption(type)]),
        })),
      ),
  ],
  [
    'a component cut off at every byte',
    scene =>
      nothingComesOfKeying(
        scene,
        // Up to where the rest are wishes that may be left out.
        ...counts(groupSelect(14).length + randomness.length).map(length => () => ({
          keyingComponent: component.subarray(0, length),
        })),
      ),
  ],
  [
    'a certificate whose keys somebody else has',
    async scene => {
      const attacker = await scene.attacker()
      const cookie = await attacker.cookie()
      attacker.isKnown = true
      const certificate = staticCertificate([makeKeyPair(14)]).bytes
      await attacker.flood([attacker.keying({ cookie, certificate })])
      await scene.goesOn()
      await expect.poll(() => scene.listener.usage.sessions, { timeout: 10_000 }).toBe(2)
    },
  ],
]

/** Start-up packets of all kinds, whole. */
function startupPackets(attacker: Attacker): Buffer[] {
  return [
    attacker.hello(),
    attacker.keying({}),
    attacker.startup(writer =>
      writeResponderHello(writer, { tag, cookie: Buffer.alloc(64), certificate: attackersCertificate }),
    ),
    attacker.startup(writer =>
      writeRedirect(writer, { tag, destinations: [{ address: '127.0.0.1', port: 9, origin: 2 }] }),
    ),
  ]
}

const broken: readonly Attack[] = [
  [
    'datagrams of start-up cut off at every byte',
    async scene => {
      const attacker = await scene.attacker()
      for (const whole of startupPackets(attacker))
        await attacker.flood(counts(whole.length).map(length => whole.subarray(0, length)))
      await scene.goesOn()
      // The checksum of a whole packet is that of no part of it.
      expect(attacker.receivedBytes).toBe(0)
    },
  ],
  [
    'datagrams of start-up with every byte altered',
    async scene => {
      const attacker = await scene.attacker()
      for (const whole of startupPackets(attacker))
        await attacker.flood(
          counts(whole.length).map(at => {
            const altered = Buffer.from(whole)
            altered[at] = (altered[at] as number) ^ 0x40
            return altered
          }),
        )
    },
  ],
  [
    'chunks of start-up cut off at every byte',
    async scene => {
      const attacker = await scene.attacker()
      const keying = attacker.startup(writer => writeInitiatorKeying(writer, keyingOf({})))
      for (const type of [0x0f, 0x30, 0x38, 0x70, 0x71, 0x78, 0x79, 0x7f])
        await attacker.flood(
          counts(90).map(length =>
            attacker.startup(writer => writeChunk(writer, type, chunk => chunk.put(keying.subarray(40, 40 + length)))),
          ),
        )
    },
  ],
  [
    'chunks that are longer than their packet',
    scene =>
      nothingComesOf(scene, attacker =>
        [0x30, 0x38, 0x7f, 0x70].flatMap(type =>
          [17, 64, 1_000, 0x7fff, 0xffff].map(length =>
            attacker.startup(writer => writer.u8(type).u16(length).put(Buffer.alloc(14, 1))),
          ),
        ),
      ),
  ],
  [
    'chunks of all types',
    async scene => {
      const attacker = await scene.attacker()
      await attacker.flood(
        counts(256).map(type =>
          attacker.startup(writer => writeChunk(writer, type, chunk => chunk.put(randomBytes(40)))),
        ),
      )
    },
  ],
  [
    'packets of other modes under the key that everybody has',
    scene =>
      nothingComesOf(scene, () =>
        [0, Mode.Initiator, Mode.Responder].map(mode => {
          const sealer = new PacketSealer(defaultProtection)
          const writer = sealer.begin(1_000)
          writeHeader(writer, { mode: mode as Mode })
          writeInitiatorHello(writer, { endpointDiscriminator: serverUrl, tag })
          return sealer.seal(0, writer)
        }),
      ),
  ],
  [
    'packets without a header, and with half of one',
    scene =>
      nothingComesOf(scene, () =>
        ['', '0b', '0b00', '0f0000', '0f000000', 'ff'].map(hex => {
          const sealer = new PacketSealer(defaultProtection)
          return sealer.seal(0, sealer.begin(1_000).put(Buffer.from(hex, 'hex')))
        }),
      ),
  ],
  [
    'answers that nobody has asked for',
    scene =>
      nothingComesOf(scene, attacker =>
        [0, 1, 7, 0xffff_ffff].flatMap(id => [
          attacker.startup(
            writer => writeResponderHello(writer, { tag, cookie: Buffer.alloc(64), certificate: attackersCertificate }),
            id,
          ),
          attacker.startup(
            writer =>
              writeResponderKeying(writer, { sessionId: 9, keyingComponent: component, signature: Buffer.of(0x58) }),
            id,
          ),
          attacker.startup(
            writer => writeCookieChange(writer, { before: Buffer.alloc(64), after: Buffer.alloc(64) }),
            id,
          ),
          attacker.startup(writer => writeRedirect(writer, { tag, destinations: [] }), id),
        ]),
      ),
  ],
  [
    'what belongs into sessions, under the key that everybody has',
    scene =>
      nothingComesOf(scene, attacker =>
        [0x01, 0x0c, 0x10, 0x11, 0x18, 0x41, 0x4c, 0x50, 0x51, 0x5e].flatMap(type =>
          [0, 1, 7].map(id =>
            attacker.startup(writer => writeChunk(writer, type, chunk => chunk.put(Buffer.alloc(20, 1))), id),
          ),
        ),
      ),
  ],
  [
    'a question that is said to come by somebody else',
    scene =>
      nothingComesOf(scene, attacker => [
        attacker.startup(writer =>
          writeForwardedHello(writer, {
            endpointDiscriminator: serverUrl,
            tag,
            reply: { address: '127.0.0.1', port: 9, origin: 2 },
          }),
        ),
      ]),
  ],
  ['garbage of all lengths', scene => nothingComesOf(scene, () => counts(1_500).map(length => randomBytes(length)))],
  [
    'garbage of 8,192 bytes and more',
    scene =>
      nothingComesOf(scene, () => [8_192, 8_195, 8_196, 8_212, 20_000, 60_000].map(length => randomBytes(length))),
  ],
  [
    'garbage that says to begin a session',
    scene =>
      nothingComesOf(scene, () =>
        counts(500).map(index => {
          const bytes = randomBytes(20 + (index % 8) * 16)
          bytes.writeUInt32BE((bytes.readUInt32BE(4) ^ bytes.readUInt32BE(8)) >>> 0)
          return bytes
        }),
      ),
  ],
  [
    'session ids by chance',
    scene => nothingComesOf(scene, attacker => counts(2_000).map(() => attacker.startup(() => {}, randomId()))),
  ],
]

function randomId(): number {
  return randomBytes(4).readUInt32BE() || 1
}

const fragment = (packetId: number, number: number, more: boolean, part: Buffer) => (writer: ByteWriter) =>
  writePacketFragment(writer, { packetId, number, more, part })

const fragments: readonly Attack[] = [
  [
    'the first fragments of 3,000 packets',
    scene =>
      nothingComesOf(scene, attacker =>
        counts(3_000).map(id => attacker.startup(fragment(id, 0, true, Buffer.alloc(1_000)))),
      ),
  ],
  [
    'fragments of a packet without an end',
    scene =>
      nothingComesOf(scene, attacker =>
        counts(300).map(number => attacker.startup(fragment(1, number, true, Buffer.alloc(7_000)))),
      ),
  ],
  [
    'fragments with numbers beyond reason',
    scene =>
      nothingComesOf(scene, attacker =>
        [64, 1e3, 2 ** 32, 2 ** 52].map(number => attacker.startup(fragment(2, number, false, Buffer.alloc(10)))),
      ),
  ],
  [
    'two ends of one packet, and fragments beyond its end',
    scene =>
      nothingComesOf(scene, attacker => [
        attacker.startup(fragment(3, 2, false, Buffer.alloc(10))),
        attacker.startup(fragment(3, 1, false, Buffer.alloc(10))),
        attacker.startup(fragment(4, 9, true, Buffer.alloc(10))),
        attacker.startup(fragment(4, 1, false, Buffer.alloc(10))),
        attacker.startup(fragment(4, 0, true, Buffer.alloc(10))),
      ]),
  ],
  [
    'fragments of nothing, and fragments of fragments',
    scene =>
      nothingComesOf(scene, attacker => {
        const inner = Buffer.alloc(300)
        inner.writeUInt8(0x03)
        inner.writeUInt8(ChunkType.PacketFragment, 1)
        inner.writeUInt16BE(290, 2)
        return [
          attacker.startup(fragment(5, 0, false, Buffer.alloc(0))),
          attacker.startup(fragment(6, 0, false, inner)),
        ]
      }),
  ],
  [
    'a question in fragments, which is answered as any other',
    async scene => {
      // All places may be taken by what came before; it is forgotten soon.
      const attacker = await scene.attacker()
      const hello = Buffer.alloc(200)
      hello.writeUInt8(0x03)
      hello.writeUInt8(ChunkType.InitiatorHello, 1)
      hello.writeUInt16BE(1 + serverUrl.length + 16, 2)
      hello.writeUInt8(serverUrl.length, 4)
      serverUrl.copy(hello, 5)
      const end = 5 + serverUrl.length + 16
      const parts = [hello.subarray(0, 10), hello.subarray(10, 30), hello.subarray(30, end)]
      const send = (round: number): void => {
        for (const [number, part] of parts.entries())
          attacker.send(attacker.startup(fragment(100 + round, number, number < 2, part)))
      }
      let round = 0
      await expect
        .poll(
          () => {
            send((round += 1))
            return attacker.receivedBytes
          },
          { timeout: 5_000 },
        )
        .toBeGreaterThan(0)
    },
  ],
]

hostile('start-up', [...questions, ...cookies, ...keyings, ...broken, ...fragments], { patience: 2_000 })

import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { requiredProtection, staticInitiatorKeying } from '../../../src/crypto/keying.ts'
import { defaultProtection, PacketSealer } from '../../../src/crypto/packet-cipher.ts'
import { Mode, writeChunk, writeHeader } from '../../../src/wire/packet.ts'
import {
  writeCookieChange,
  writeForwardedHello,
  writeInitiatorHello,
  writeInitiatorKeying,
  writeRedirect,
  writeResponderHello,
  writeResponderKeying,
} from '../../../src/wire/startup-chunks.ts'
import { type Attacker, attackersCertificate, keyingOf, serverUrl } from '../../support/attacker.ts'
import { counts } from '../../support/counts.ts'
import type { Attack } from '../../support/hostile.ts'
import { nothingComesOf } from './nothing-comes.ts'

const tag = Buffer.alloc(16, 1)
const component = staticInitiatorKeying(14, requiredProtection)

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

export const broken: readonly Attack[] = [
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

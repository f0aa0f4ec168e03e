import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { ByteWriter } from '../../../src/wire/byte-writer.ts'
import { ChunkType } from '../../../src/wire/chunk-type.ts'
import { Mode, writeChunk } from '../../../src/wire/packet.ts'
import { writeCloseRequest, writePing } from '../../../src/wire/session-chunks.ts'
import { writeInitiatorHello, writeInitiatorKeying } from '../../../src/wire/startup-chunks.ts'
import { keyingOf, serverUrl } from '../../support/attacker.ts'
import { counts } from '../../support/counts.ts'
import type { Attack } from '../../support/hostile.ts'
import { connected, goesOn, inSession, nothing, unanswered } from './in-session.ts'

export const packets: readonly Attack[] = [
  [
    'a wrong HMAC: every byte of a packet altered',
    unanswered(session => {
      const ping = session.datagram(writer => writePing(writer, Buffer.alloc(20)))
      return counts(ping.length).map(at => {
        const altered = Buffer.from(ping)
        altered[at] = (altered[at] as number) ^ 1
        return altered
      })
    }),
  ],
  [
    'a packet cut off at every byte',
    unanswered(session => {
      const ping = session.datagram(writer => writePing(writer, Buffer.alloc(200)))
      return counts(ping.length).map(length => ping.subarray(0, length))
    }),
  ],
  [
    'no HMAC, one of zeros, and one of another packet',
    unanswered(session => {
      const [one, other] = [1, 2].map(fill => session.datagram(writer => writePing(writer, Buffer.alloc(20, fill))))
      const body = (one as Buffer).subarray(0, -10)
      return [body, Buffer.concat([body, Buffer.alloc(10)]), Buffer.concat([body, (other as Buffer).subarray(-10)])]
    }),
  ],
  [
    'a packet that is sent 1,000 times',
    inSession(async (session, scene) => {
      const ping = session.datagram(writer => writePing(writer, Buffer.of(1)))
      await session.attacker.flood(counts(1_000).map(() => ping))
      await scene.goesOn()
      expect(session.count(ChunkType.PingReply)).toBe(1)
    }),
  ],
  [
    'packets that are sent again by somebody else',
    inSession(async (session, scene) => {
      const all = counts(30).map(index => session.datagram(writer => writePing(writer, Buffer.of(index))))
      await session.attacker.flood(all)
      const thief = await scene.neighbour()
      for (let round = 0; round < 20; round += 1) await thief.flood(all)
      await scene.goesOn()
      expect(session.count(ChunkType.PingReply)).toBe(30)
      expect(thief.receivedBytes).toBe(0)
    }),
  ],
  [
    'packets out of order, of which the oldest are too old',
    inSession(async (session, scene) => {
      const all = counts(300).map(() => session.datagram(() => {}))
      await session.attacker.flood(all.toReversed())
      await goesOn(session, scene)
    }),
  ],
  [
    'the id of a session, and nothing that belongs to it',
    async scene => {
      const session = await scene.session()
      const thief = await scene.neighbour()
      await thief.flood(counts(500).map(() => thief.startup(writer => writePing(writer, Buffer.of(1)), session.id)))
      await thief.flood(
        counts(500).map(index => {
          const bytes = randomBytes(30 + (index % 8) * 16)
          bytes.writeUInt32BE((session.id ^ bytes.readUInt32BE(4) ^ bytes.readUInt32BE(8)) >>> 0)
          return bytes
        }),
      )
      await goesOn(session, scene)
      expect(thief.receivedBytes).toBe(0)
      session.end()
    },
  ],
  [
    'start-up under the keys of a session',
    unanswered(session =>
      [
        (writer: ByteWriter) =>
          writeInitiatorHello(writer, { endpointDiscriminator: serverUrl, tag: Buffer.alloc(16) }),
        (writer: ByteWriter) => writeInitiatorKeying(writer, keyingOf({})),
        (writer: ByteWriter) => writeChunk(writer, ChunkType.PacketFragment, chunk => chunk.put(Buffer.alloc(20, 1))),
      ].flatMap(write => [session.datagram(write), session.datagram(write, { mode: Mode.Startup })]),
    ),
  ],
  [
    'packets of the server’s own mode',
    unanswered(session => [
      session.datagram(writer => writePing(writer, Buffer.of(1)), { mode: Mode.Responder }),
      session.datagram(writeCloseRequest, { mode: Mode.Responder }),
    ]),
  ],
  [
    'chunks of all types with nothing, and with anything, in them',
    inSession(async (session, scene) => {
      const types = counts(256).filter(type => type !== ChunkType.SessionCloseAcknowledgement && type !== 0x0c)
      for (const length of [0, 1, 5, 40])
        await session.each(types.length, (writer, index) =>
          writeChunk(writer, types[index] as number, chunk => chunk.put(randomBytes(length))),
        )
      await scene.goesOn()
    }),
  ],
  [
    'chunks that are longer than their packet',
    inSession(async (session, scene) => {
      await session.each(256, (writer, type) => writer.u8(type).u16(0x7fff).put(randomBytes(8)))
      await session.each(256, (writer, type) => writer.u8(type).u16(12).put(randomBytes(8)))
      await scene.goesOn()
    }),
  ],
  [
    'timestamps and echoes by chance, with all flags',
    connected(async (session, scene) => {
      for (let index = 0; index < 300; index += 1)
        session.send(writer => writePing(writer, nothing), {
          timestamp: randomBytes(2).readUInt16BE(),
          timestampEcho: randomBytes(2).readUInt16BE(),
          timeCritical: true,
          timeCriticalReverse: true,
        })
      await scene.goesOn()
    }),
  ],
]

import { expect } from 'vitest'
import { ChunkType } from '../../../src/wire/chunk-type.ts'
import { writeChunk } from '../../../src/wire/packet.ts'
import { writeCloseAcknowledgement, writeCloseRequest, writePing } from '../../../src/wire/session-chunks.ts'
import { writeNextUserData, writeUserData } from '../../../src/wire/user-data.ts'
import { dataOf } from '../../support/attacker.ts'
import type { Attack } from '../../support/hostile.ts'
import { data, goesOn, inSession, isOver, nothing } from './in-session.ts'

const vlus = {
  'of more than 53 bits': Buffer.from('ffffffffffffff7f', 'hex'),
  'of more than 64 bits': Buffer.from('ffffffffffffffffffff7f', 'hex'),
  'without an end': Buffer.alloc(60, 0x80),
  'longer than they need be': Buffer.concat([Buffer.alloc(30, 0x80), Buffer.of(2)]),
} as const

export const chunks: readonly Attack[] = [
  [
    'a chunk with data cut off at every byte',
    inSession(async (session, scene) => {
      const whole = session.datagram(writer => writeUserData(writer, dataOf({})))
      expect(whole.length).toBeGreaterThan(0)
      const bytes = Buffer.alloc(64)
      const length = 30
      Buffer.from('8002010105005443040000', 'hex').copy(bytes)
      await session.each(length, (writer, index) =>
        writeChunk(writer, ChunkType.UserData, chunk => chunk.put(bytes.subarray(0, index))),
      )
      await goesOn(session, scene)
    }),
  ],
  ...Object.entries(vlus).map(
    ([name, vlu]): Attack => [
      `integers ${name}`,
      inSession(async (session, scene) => {
        const types = [0x10, 0x18, 0x50, 0x51, 0x5e]
        for (const type of types)
          for (const before of [nothing, Buffer.of(0), Buffer.of(0, 2), Buffer.of(0, 2, 1), Buffer.of(0, 2, 1, 1)])
            session.send(writer => writeChunk(writer, type, chunk => chunk.put(before).put(vlu).put(Buffer.of(1, 1))))
        await goesOn(session, scene)
      }),
    ],
  ),
  [
    'data that is settled before it was sent, and below zero',
    inSession(async (session, scene) => {
      for (const bytes of ['0002010045', '00020102', '0002000045', '02020500'])
        session.send(writer => writeChunk(writer, ChunkType.UserData, chunk => chunk.put(Buffer.from(bytes, 'hex'))))
      await goesOn(session, scene)
    }),
  ],
  [
    'more data with none before it',
    inSession(async (session, scene) => {
      await session.each(100, writer => writeNextUserData(writer, dataOf({ data: Buffer.alloc(20) })))
      await goesOn(session, scene)
    }),
  ],
  [
    '2,000 times more data in one packet',
    inSession(async (session, scene) => {
      for (let round = 0; round < 5; round += 1)
        session.send(writer => {
          writeUserData(writer, dataOf({ sequence: 1 + round * 2_000 }))
          while (writer.room > 20) writeNextUserData(writer, { ...dataOf({ data: nothing }), options: undefined })
        })
      await goesOn(session, scene)
    }),
  ],
  [
    'closes of its session, a hundred in a packet',
    inSession(async (session, scene) => {
      const before = session.attacker.receivedBytes
      session.send(writer => {
        for (let index = 0; index < 100; index += 1) writeCloseRequest(writer)
      })
      await scene.goesOn()
      expect(session.attacker.receivedBytes - before).toBeLessThan(100)
      await session.each(50, writeCloseRequest)
    }),
  ],
  [
    'data and everything else after the end',
    inSession(async (session, scene) => {
      session.send(writeCloseRequest)
      for (let index = 0; index < 50; index += 1) {
        data(session, { sequence: 1 + index })
        session.send(writer => writePing(writer, Buffer.of(1)))
      }
      await scene.goesOn()
      expect(session.count(ChunkType.PingReply)).toBe(0)
    }),
  ],
  [
    'the news that it was closed, by nobody',
    inSession(async (session, scene) => {
      session.send(writeCloseAcknowledgement)
      await isOver(session, scene)
    }),
  ],
]

import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { ChunkType } from '../../../src/wire/chunk-type.ts'
import { writeCloseRequest, writePing, writePingReply } from '../../../src/wire/session-chunks.ts'
import { writeForwardedHello } from '../../../src/wire/startup-chunks.ts'
import { serverUrl } from '../../support/attacker.ts'
import { counts } from '../../support/counts.ts'
import type { Attack } from '../../support/hostile.ts'
import { goesOn, inSession, nothing, unanswered } from './in-session.ts'

export const pings: readonly Attack[] = [
  [
    '1,000 pings, of which 50 a second are answered',
    inSession(async (session, scene) => {
      await session.each(1_000, (writer, index) => writePing(writer, Buffer.of(index >> 8, index & 0xff)))
      await scene.goesOn()
      expect(session.count(ChunkType.PingReply)).toBeLessThanOrEqual(150)
    }),
  ],
  [
    'pings that are too long, and many in one packet',
    inSession(async (session, scene) => {
      for (const length of [1_001, 4_000, 7_900]) session.send(writer => writePing(writer, Buffer.alloc(length)))
      session.send(writer => {
        for (let index = 0; index < 1_000; index += 1) writePing(writer, Buffer.of(index & 0xff))
      })
      await scene.goesOn()
      expect(session.count(ChunkType.PingReply)).toBeLessThanOrEqual(100)
    }),
  ],
  [
    'answers to what nobody has asked',
    unanswered(session =>
      counts(200).map(index => session.datagram(writer => writePingReply(writer, randomBytes(index)))),
    ),
  ],
  [
    'packets that say to come from elsewhere: what goes there is little',
    inSession(async (session, scene) => {
      const victim = await scene.neighbour()
      for (let index = 0; index < 100; index += 1)
        victim.send(session.datagram(writer => writePing(writer, Buffer.of(index))))
      await scene.goesOn()
      expect(victim.receivedBytes).toBeLessThan(3 * victim.sentBytes)
    }),
  ],
  [
    'one short packet that says to come from elsewhere, with as many pings as fit',
    inSession(async (session, scene) => {
      for (let index = 0; index < 8; index += 1) {
        const victim = await scene.neighbour()
        victim.send(
          session.datagram(writer => {
            for (let ping = 0; ping < 4; ping += 1) writePing(writer, nothing)
          }),
        )
      }
      await scene.goesOn()
    }),
  ],
  [
    'an empty packet from each of 30 places, and closes from others',
    inSession(async (session, scene) => {
      const first = await scene.neighbour()
      first.send(session.datagram(() => {}))
      await expect.poll(() => first.receivedBytes).toBeGreaterThan(0)
      // Whoever is asked has three quarters of a second to answer, and might be asked again.
      for (let round = 0; round < 40; round += 1) await scene.goesOn()
      for (let index = 0; index < 29; index += 1) (await scene.neighbour()).send(session.datagram(() => {}))
      await scene.goesOn()
      const victim = await scene.neighbour()
      victim.send(session.datagram(writeCloseRequest))
      victim.send(session.datagram(writeCloseRequest))
    }),
  ],
  [
    'answers to the question for another address, altered',
    inSession(async (session, scene) => {
      const victim = await scene.neighbour()
      victim.send(session.datagram(writer => writePing(writer, Buffer.alloc(60))))
      await scene.goesOn()
      for (let index = 0; index < 41; index += 1) {
        const answer = randomBytes(41)
        answer[0] = 0x4d
        victim.send(session.datagram(writer => writePingReply(writer, answer)))
      }
      await scene.goesOn()
      await goesOn(session, scene)
    }),
  ],
  [
    'questions for the innocent that are said to come by a client',
    unanswered(session =>
      counts(50).map(index =>
        session.datagram(writer =>
          writeForwardedHello(writer, {
            endpointDiscriminator: serverUrl,
            tag: Buffer.alloc(16),
            reply: { address: '127.0.0.1', port: 1_024 + index, origin: 2 },
          }),
        ),
      ),
    ),
  ],
]

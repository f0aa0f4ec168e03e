import { expect } from 'vitest'
import { writePing } from '../../../src/wire/session-chunks.ts'
import { writeUserData } from '../../../src/wire/user-data.ts'
import { dataOf, noProtection } from '../../support/attacker.ts'
import { counts } from '../../support/counts.ts'
import type { Attack } from '../../support/hostile.ts'
import { goesOn, inSession, nothing, type SessionAttack } from './in-session.ts'

/** Does something in a session without HMAC and numbers, as Flash Player had them. */
function unprotected(attack: SessionAttack) {
  return inSession(attack, noProtection)
}

export const unprotectedPackets: readonly Attack[] = [
  [
    'without HMAC: every byte of a packet altered, and the packet cut off at every byte',
    unprotected(async (session, scene) => {
      const ping = session.datagram(writer => writePing(writer, Buffer.alloc(100)))
      const altered = counts(ping.length).map(at => {
        const copy = Buffer.from(ping)
        copy[at] = (copy[at] as number) ^ 1
        return copy
      })
      await session.attacker.flood([...altered, ...counts(ping.length).map(length => ping.subarray(0, length))])
      await goesOn(session, scene)
    }),
  ],
  [
    'without HMAC: a packet with data that is sent 1,000 times, by others, too',
    unprotected(async (session, scene) => {
      await session.connect()
      const before = scene.listener.usage.flows
      const data = session.datagram(writer => writeUserData(writer, dataOf({ sequence: 2 })))
      const thief = await scene.neighbour()
      for (const attacker of [session.attacker, thief]) await attacker.flood(counts(500).map(() => data))
      await goesOn(session, scene)
      expect(scene.listener.usage.flows).toBe(before)
      expect(thief.receivedBytes).toBe(0)
    }),
  ],
  [
    'without HMAC: pings of others, of which the session stays where it is',
    unprotected(async (session, scene) => {
      const ping = session.datagram(writer => {
        for (let count = 0; count < 4; count += 1) writePing(writer, nothing)
      })
      for (let index = 0; index < 8; index += 1) (await scene.neighbour()).send(ping)
      await goesOn(session, scene)
    }),
  ],
]

import { expect } from 'vitest'
import type { WantedProtection } from '../../../src/crypto/keying.ts'
import { ChunkType } from '../../../src/wire/chunk-type.ts'
import { writePing } from '../../../src/wire/session-chunks.ts'
import { type OutgoingUserData, writeUserData } from '../../../src/wire/user-data.ts'
import { AttackSession, dataOf } from '../../support/attacker.ts'
import type { HostileScene } from '../../support/hostile-scene.ts'

export const nothing = Buffer.alloc(0)

export type SessionAttack = (session: AttackSession, scene: HostileScene) => unknown

/** Does something in a session, and ends it. */
export function inSession(attack: SessionAttack, protection?: WantedProtection) {
  return async (scene: HostileScene): Promise<void> => {
    const session = await AttackSession.open(await scene.attacker(), protection)
    try {
      await attack(session, scene)
      await scene.goesOn()
    } finally {
      session.end()
    }
  }
}

/** The same, in one that has said `connect`. */
export function connected(attack: SessionAttack) {
  return inSession(async (session, scene) => attack(await session.connect(), scene))
}

/** What is sent has no answer. */
export function unanswered(datagrams: (session: AttackSession) => Iterable<Buffer>) {
  return inSession(async (session, scene) => {
    const all = [...datagrams(session)]
    const before = session.attacker.receivedBytes
    await session.attacker.flood(all)
    await scene.goesOn()
    expect(session.attacker.receivedBytes).toBe(before)
  })
}

/** The session is gone; a ping in it is not answered. */
export async function isOver(session: AttackSession, scene: HostileScene): Promise<void> {
  await scene.goesOn()
  await expect.poll(() => scene.listener.usage.sessions, { timeout: 20_000 }).toBe(2)
  const before = session.attacker.receivedBytes
  session.send(writer => writePing(writer, Buffer.of(1)))
  await scene.goesOn()
  expect(session.attacker.receivedBytes).toBe(before)
}

/** The session is still there: a ping in it is answered. */
export async function goesOn(session: AttackSession, scene: HostileScene): Promise<void> {
  await scene.goesOn()
  const before = session.count(ChunkType.PingReply)
  const ping = () => {
    session.send(writer => writePing(writer, Buffer.of(1)))
    return session.count(ChunkType.PingReply)
  }
  await expect.poll(ping, { timeout: 20_000 }).toBeGreaterThan(before)
}

/** Sends a message of the control flow, if nothing else is said. */
export const data = (session: AttackSession, chunk: Partial<OutgoingUserData>): void =>
  session.send(writer => writeUserData(writer, dataOf(chunk)))

import { expect } from 'vitest'
import type { InitiatorInitialKeying } from '../../../src/wire/startup-chunks.ts'
import type { Attacker } from '../../support/attacker.ts'
import type { HostileScene } from '../../support/hostile-scene.ts'

/** What is sent is not answered, and opens nothing. */
export async function nothingComesOf(
  scene: HostileScene,
  datagrams: (attacker: Attacker) => Iterable<Buffer>,
): Promise<void> {
  const attacker = await scene.attacker()
  const { sessions } = scene.listener.usage
  await attacker.flood(datagrams(attacker))
  await scene.goesOn()
  expect(attacker.receivedBytes).toBe(0)
  expect(scene.listener.usage.sessions).toBeLessThanOrEqual(sessions)
}

/** Keys with a good cookie and something else that is bad. */
export async function nothingComesOfKeying(
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

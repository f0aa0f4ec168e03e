import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { counts } from '../../support/counts.ts'
import type { Attack } from '../../support/hostile.ts'
import { nothingComesOf, nothingComesOfKeying } from './nothing-comes.ts'

export const cookies: readonly Attack[] = [
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

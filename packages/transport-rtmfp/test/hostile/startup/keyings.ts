import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { ephemeralCertificate, staticCertificate } from '../../../src/crypto/certificate.ts'
import { makeKeyPair } from '../../../src/crypto/diffie-hellman.ts'
import { requiredProtection, staticInitiatorKeying } from '../../../src/crypto/keying.ts'
import { encodeOption } from '../../../src/wire/options.ts'
import { attackersCertificate } from '../../support/attacker.ts'
import { counts } from '../../support/counts.ts'
import type { Attack } from '../../support/hostile.ts'
import { nothingComesOfKeying } from './nothing-comes.ts'

const component = staticInitiatorKeying(14, requiredProtection)
const groupSelect = (group: number): Buffer => encodeOption(0x1d, Buffer.of(group))
const randomness = encodeOption(0x0e, Buffer.alloc(64))
const hmac = (...bytes: number[]): Buffer => encodeOption(0x1a, Buffer.of(...bytes))
const prime = Buffer.from(makeKeyPair(14).publicKey).fill(0xff)

/** A certificate with a key of that value. */
const keyOf = (key: Buffer, group = 14): Buffer => encodeOption(0x1d, Buffer.concat([Buffer.of(group), key]))

export const keyings: readonly Attack[] = [
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

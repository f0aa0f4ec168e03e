import { randomBytes } from 'node:crypto'
import { expect, vi } from 'vitest'
import { discriminatorOfPeer, discriminatorOfUrl } from '../../../src/crypto/endpoint-discriminator.ts'
import { ChunkType } from '../../../src/wire/chunk-type.ts'
import { encodeOption } from '../../../src/wire/options.ts'
import { writeChunk, writeFiller } from '../../../src/wire/packet.ts'
import { writeInitiatorHello } from '../../../src/wire/startup-chunks.ts'
import { serverUrl, turn } from '../../support/attacker.ts'
import { counts } from '../../support/counts.ts'
import type { Attack } from '../../support/hostile.ts'
import { nothingComesOf } from './nothing-comes.ts'

const tag = Buffer.alloc(16, 1)

export const questions: readonly Attack[] = [
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

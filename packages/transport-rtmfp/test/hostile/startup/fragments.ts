import { expect } from 'vitest'
import type { ByteWriter } from '../../../src/wire/byte-writer.ts'
import { ChunkType } from '../../../src/wire/chunk-type.ts'
import { writePacketFragment } from '../../../src/wire/startup-chunks.ts'
import { serverUrl } from '../../support/attacker.ts'
import { counts } from '../../support/counts.ts'
import type { Attack } from '../../support/hostile.ts'
import { nothingComesOf } from './nothing-comes.ts'

const fragment = (packetId: number, number: number, more: boolean, part: Buffer) => (writer: ByteWriter) =>
  writePacketFragment(writer, { packetId, number, more, part })

export const fragments: readonly Attack[] = [
  [
    'the first fragments of 3,000 packets',
    scene =>
      nothingComesOf(scene, attacker =>
        counts(3_000).map(id => attacker.startup(fragment(id, 0, true, Buffer.alloc(1_000)))),
      ),
  ],
  [
    'fragments of a packet without an end',
    scene =>
      nothingComesOf(scene, attacker =>
        counts(300).map(number => attacker.startup(fragment(1, number, true, Buffer.alloc(7_000)))),
      ),
  ],
  [
    'fragments with numbers beyond reason',
    scene =>
      nothingComesOf(scene, attacker =>
        [64, 1e3, 2 ** 32, 2 ** 52].map(number => attacker.startup(fragment(2, number, false, Buffer.alloc(10)))),
      ),
  ],
  [
    'two ends of one packet, and fragments beyond its end',
    scene =>
      nothingComesOf(scene, attacker => [
        attacker.startup(fragment(3, 2, false, Buffer.alloc(10))),
        attacker.startup(fragment(3, 1, false, Buffer.alloc(10))),
        attacker.startup(fragment(4, 9, true, Buffer.alloc(10))),
        attacker.startup(fragment(4, 1, false, Buffer.alloc(10))),
        attacker.startup(fragment(4, 0, true, Buffer.alloc(10))),
      ]),
  ],
  [
    'fragments of nothing, and fragments of fragments',
    scene =>
      nothingComesOf(scene, attacker => {
        const inner = Buffer.alloc(300)
        inner.writeUInt8(0x03)
        inner.writeUInt8(ChunkType.PacketFragment, 1)
        inner.writeUInt16BE(290, 2)
        return [
          attacker.startup(fragment(5, 0, false, Buffer.alloc(0))),
          attacker.startup(fragment(6, 0, false, inner)),
        ]
      }),
  ],
  [
    'a question in fragments, which is answered as any other',
    async scene => {
      // All places may be taken by what came before; it is forgotten soon.
      const attacker = await scene.attacker()
      const hello = Buffer.alloc(200)
      hello.writeUInt8(0x03)
      hello.writeUInt8(ChunkType.InitiatorHello, 1)
      hello.writeUInt16BE(1 + serverUrl.length + 16, 2)
      hello.writeUInt8(serverUrl.length, 4)
      serverUrl.copy(hello, 5)
      const end = 5 + serverUrl.length + 16
      const parts = [hello.subarray(0, 10), hello.subarray(10, 30), hello.subarray(30, end)]
      const send = (round: number): void => {
        for (const [number, part] of parts.entries())
          attacker.send(attacker.startup(fragment(100 + round, number, number < 2, part)))
      }
      let round = 0
      await expect
        .poll(
          () => {
            send((round += 1))
            return attacker.receivedBytes
          },
          { timeout: 5_000 },
        )
        .toBeGreaterThan(0)
    },
  ],
]

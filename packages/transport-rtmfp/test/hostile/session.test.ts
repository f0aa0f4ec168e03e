import { type AmfValue, encodeAmf0 } from '@rtmpipe/amf'
import { userControl } from '@rtmpipe/chunk-stream'
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { WantedProtection } from '../../src/crypto/keying.ts'
import { writeAcknowledgement } from '../../src/wire/acknowledgement.ts'
import type { ByteWriter } from '../../src/wire/byte-writer.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { encodeOption } from '../../src/wire/options.ts'
import { Mode, writeChunk } from '../../src/wire/packet.ts'
import {
  writeBufferProbe,
  writeCloseAcknowledgement,
  writeCloseRequest,
  writeFlowException,
  writePing,
  writePingReply,
} from '../../src/wire/session-chunks.ts'
import { writeForwardedHello, writeInitiatorHello, writeInitiatorKeying } from '../../src/wire/startup-chunks.ts'
import { Fragment, type OutgoingUserData, writeNextUserData, writeUserData } from '../../src/wire/user-data.ts'
import { AttackSession, dataOf, keyingOf, noProtection, serverUrl, turn } from '../support/attacker.ts'
import { associationOption, metadataOption } from '../support/raw-peer.ts'
import type { HostileScene } from '../support/hostile-scene.ts'
import { type Attack, hostile } from '../support/hostile.ts'

const counts = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const { Begin, Middle, End, Whole } = Fragment
const nothing = Buffer.alloc(0)
const vlus = {
  'of more than 53 bits': Buffer.from('ffffffffffffff7f', 'hex'),
  'of more than 64 bits': Buffer.from('ffffffffffffffffffff7f', 'hex'),
  'without an end': Buffer.alloc(60, 0x80),
  'longer than they need be': Buffer.concat([Buffer.alloc(30, 0x80), Buffer.of(2)]),
} as const

type SessionAttack = (session: AttackSession, scene: HostileScene) => unknown

/** Does something in a session, and ends it. */
function inSession(attack: SessionAttack, protection?: WantedProtection) {
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
function connected(attack: SessionAttack) {
  return inSession(async (session, scene) => attack(await session.connect(), scene))
}

/** What is sent has no answer. */
function unanswered(datagrams: (session: AttackSession) => Iterable<Buffer>) {
  return inSession(async (session, scene) => {
    const all = [...datagrams(session)]
    const before = session.attacker.receivedBytes
    await session.attacker.flood(all)
    await scene.goesOn()
    expect(session.attacker.receivedBytes).toBe(before)
  })
}

/** The session is gone; a ping in it is not answered. */
async function isOver(session: AttackSession, scene: HostileScene): Promise<void> {
  await scene.goesOn()
  await expect.poll(() => scene.listener.usage.sessions, { timeout: 20_000 }).toBe(2)
  const before = session.attacker.receivedBytes
  session.send(writer => writePing(writer, Buffer.of(1)))
  await scene.goesOn()
  expect(session.attacker.receivedBytes).toBe(before)
}

/** The session is still there: a ping in it is answered. */
async function goesOn(session: AttackSession, scene: HostileScene): Promise<void> {
  await scene.goesOn()
  const before = session.count(ChunkType.PingReply)
  const ping = () => {
    session.send(writer => writePing(writer, Buffer.of(1)))
    return session.count(ChunkType.PingReply)
  }
  await expect.poll(ping, { timeout: 20_000 }).toBeGreaterThan(before)
}

const data = (session: AttackSession, chunk: Partial<OutgoingUserData>): void =>
  session.send(writer => writeUserData(writer, dataOf(chunk)))

const packets: readonly Attack[] = [
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

/** Does something in a session without HMAC and numbers, as Flash Player had them. */
function unprotected(attack: SessionAttack) {
  return inSession(attack, noProtection)
}

const checksums: readonly Attack[] = [
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

const chunks: readonly Attack[] = [
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

const pings: readonly Attack[] = [
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

const flows: readonly Attack[] = [
  [
    'a flow without metadata, with half of them, and with those of something else',
    inSession(async (session, scene) => {
      const all = [undefined, nothing, metadataOption(''), metadataOption('GC'), metadataOption('TC')]
      for (const [index, options] of all.entries()) data(session, { flowId: 10 + index, options })
      await scene.goesOn()
      expect(session.count(ChunkType.FlowException)).toBeGreaterThanOrEqual(4)
      await goesOn(session, scene)
    }),
  ],
  [
    'metadata of 513 and of 7,000 bytes, in 200 flows',
    inSession(async (session, scene) => {
      await session.each(200, (writer, index) =>
        writeUserData(writer, dataOf({ flowId: 10 + index, options: metadataOption(Buffer.alloc(513 + index * 30)) })),
      )
      await scene.goesOn()
      await goesOn(session, scene)
    }),
  ],
  [
    'options that are unknown, and too many',
    inSession(async (session, scene) => {
      const known = metadataOption(Buffer.from('54430400', 'hex'))
      data(session, { flowId: 10, options: Buffer.concat([known, encodeOption(0x55, Buffer.of(1))]) })
      data(session, { flowId: 11, options: Buffer.concat(counts(9).map(() => known)) })
      data(session, { flowId: 12, options: Buffer.concat([known, encodeOption(0x0a, Buffer.alloc(0))]) })
      await scene.goesOn()
      expect(session.count(ChunkType.FlowException)).toBe(1)
    }),
  ],
  [
    'answers to flows that there are not',
    inSession(async (session, scene) => {
      for (const [index, id] of [1, 2, 3, 2 ** 40].entries()) {
        const options = Buffer.concat([metadataOption(Buffer.from('54430401', 'hex')), associationOption(id)])
        data(session, { flowId: 10 + index, options })
      }
      await scene.goesOn()
      expect(session.count(ChunkType.FlowException)).toBe(4)
    }),
  ],
  [
    'a second control flow, and a third',
    connected(async (session, scene) => {
      data(session, { flowId: 20 })
      data(session, { flowId: 21 })
      await scene.goesOn()
      expect(session.count(ChunkType.FlowException)).toBeGreaterThanOrEqual(2)
    }),
  ],
  [
    '200 flows, which are refused',
    inSession(async (session, scene) => {
      await session.each(200, (writer, index) =>
        writeUserData(writer, dataOf({ flowId: 2 + index, options: metadataOption('no') })),
      )
      await goesOn(session, scene)
    }),
  ],
  [
    '600 flows: its session is ended',
    inSession(async (session, scene) => {
      await session.each(600, (writer, index) => writeUserData(writer, dataOf({ flowId: 2 + index })))
      await isOver(session, scene)
    }),
  ],
  [
    '600 flows that end as soon as they have begun',
    inSession(async (session, scene) => {
      await session.each(600, (writer, index) =>
        writeUserData(writer, dataOf({ flowId: 2 + index, isFinal: true, isAbandoned: true, data: nothing })),
      )
      await isOver(session, scene)
    }),
  ],
  [
    '1,000 flows in one packet',
    inSession(async (session, scene) => {
      session.send(writer => {
        for (let index = 0; writer.room > 60; index += 1)
          writeUserData(writer, dataOf({ flowId: 2 + index, data: nothing }))
      })
      await scene.goesOn()
    }),
  ],
  [
    'numbers of flows beyond reason',
    inSession(async (session, scene) => {
      for (const flowId of [0, 2 ** 31, 2 ** 32, 2 ** 53 - 1]) data(session, { flowId })
      await goesOn(session, scene)
    }),
  ],
]

/** A message that begins, and goes on in parts of one length. */
async function endless(session: AttackSession, length: number, count: number, flowId = 2): Promise<void> {
  const part = Buffer.alloc(length, 5)
  data(session, { flowId, fragment: Begin, data: part })
  let sequence = 2
  while (sequence < count)
    await session.each(32, writer => {
      const chunk = dataOf({ flowId, sequence, fragment: Middle, options: undefined, data: part })
      writeUserData(writer, chunk)
      sequence += 1
      while (writer.position + length + 10 < Math.max(1_150, length + 60)) {
        writeNextUserData(writer, { ...chunk })
        sequence += 1
      }
    })
}

const sequences: readonly Attack[] = [
  [
    'fragments of nothing without an end',
    inSession(async (session, scene) => {
      await endless(session, 0, 200_000)
      await scene.goesOn()
      expect(scene.listener.usage.receivedBytes).toBeLessThan(6e6)
      expect(session.count(ChunkType.FlowException)).toBeGreaterThan(0)
    }),
  ],
  [
    'fragments of one byte without an end',
    inSession(async (session, scene) => {
      await endless(session, 1, 120_000)
      await scene.goesOn()
      expect(scene.listener.usage.receivedBytes).toBeLessThan(6e6)
      expect(session.count(ChunkType.FlowException)).toBeGreaterThan(0)
    }),
  ],
  [
    'a message without an end',
    inSession(async (session, scene) => {
      await endless(session, 1_100, 10_000)
      await scene.goesOn()
      expect(scene.listener.usage.receivedBytes).toBe(0)
      expect(session.count(ChunkType.FlowException)).toBeGreaterThan(0)
    }),
  ],
  [
    'fragments that come from the last to the first',
    inSession(async (session, scene) => {
      let sequence = 60_000
      await session.each(60, writer => {
        while (writer.room > 60) {
          writeUserData(writer, dataOf({ sequence, fragment: Middle, data: nothing }))
          sequence -= 1
        }
      })
      await scene.goesOn()
      expect(scene.listener.usage.receivedBytes).toBeLessThan(1e6)
      await goesOn(session, scene)
    }),
  ],
  [
    'every second number, so that nothing can be put together',
    inSession(async (session, scene) => {
      await session.each(1_000, (writer, index) => writeUserData(writer, dataOf({ sequence: 2 + 2 * index })))
      await scene.goesOn()
      expect(scene.listener.usage.receivedBytes).toBeLessThan(1e6)
      await goesOn(session, scene)
    }),
  ],
  [
    'numbers far ahead',
    inSession(async (session, scene) => {
      for (const sequence of [65_537, 1e6, 2 ** 32, 2 ** 52, 2 ** 53 - 2]) data(session, { sequence })
      await goesOn(session, scene)
      expect(scene.listener.usage.receivedBytes).toBeLessThan(1e4)
    }),
  ],
  [
    'everything is settled up to numbers far ahead',
    inSession(async (session, scene) => {
      for (const forwardSequence of [10, 1e6, 2 ** 40, 2 ** 53 - 3])
        data(session, { sequence: forwardSequence + 1, forwardSequence })
      data(session, { sequence: 2 })
      await goesOn(session, scene)
    }),
  ],
  [
    'the last one, others behind it, and another last one',
    inSession(async (session, scene) => {
      data(session, { sequence: 5, isFinal: true })
      for (const sequence of [6, 7, 100]) data(session, { sequence })
      data(session, { sequence: 9, isFinal: true })
      data(session, { sequence: 3, isFinal: true })
      for (let sequence = 1; sequence < 12; sequence += 1) data(session, { sequence })
      await scene.goesOn()
    }),
  ],
  [
    'fragments in every order there is',
    inSession(async (session, scene) => {
      const kinds = [Whole, Begin, Middle, End]
      for (let index = 0; index < 256; index += 1) {
        const order = [index & 3, (index >> 2) & 3, (index >> 4) & 3, (index >> 6) & 3]
        for (const [part, kind] of order.entries())
          data(session, { sequence: 1 + 4 * index + part, fragment: kinds[kind] as Fragment, data: randomBytes(7) })
        if (index % 16 === 0) await turn()
      }
      await scene.goesOn()
    }),
  ],
  [
    'unfinished messages in 12 sessions: the server has a limit for all of them',
    async scene => {
      const sessions: AttackSession[] = []
      for (let index = 0; index < 12; index += 1) {
        const session = await scene.session()
        sessions.push(session)
        await endless(session, 1_100, 3_000)
        expect(scene.listener.usage.receivedBytes).toBeLessThan(21e6)
      }
      await scene.goesOn()
      for (const session of sessions) session.end()
    },
  ],
]

const acknowledgements: readonly Attack[] = [
  [
    'optimistic acknowledgements: after a hundred its session is ended',
    connected(async (session, scene) => {
      for (let index = 0; index < 99; index += 1)
        session.send(writer =>
          writeAcknowledgement(writer, {
            flowId: 2,
            bufferAvailable: 65_536,
            cumulative: 1_000 + index,
            ranges: [],
          }),
        )
      await goesOn(session, scene)
      session.send(writer =>
        writeAcknowledgement(writer, {
          flowId: 2,
          bufferAvailable: 65_536,
          cumulative: 0,
          ranges: [{ first: 500, last: 2 ** 40 }],
        }),
      )
      await isOver(session, scene)
    }),
  ],
  [
    'acknowledgements of flows that there are not',
    connected(async (session, scene) => {
      await session.each(300, (writer, index) =>
        writeAcknowledgement(writer, { flowId: 100 + index, bufferAvailable: 0, cumulative: 2 ** 40, ranges: [] }),
      )
      await goesOn(session, scene)
    }),
  ],
  [
    'windows of nothing, and beyond reason',
    connected(async (session, scene) => {
      for (const bufferAvailable of [0, 2 ** 53 - 1024, 1, 0])
        session.send(writer => writeAcknowledgement(writer, { flowId: 2, bufferAvailable, cumulative: 0, ranges: [] }))
      await goesOn(session, scene)
    }),
  ],
  [
    'ranges without an end, and bits of 8,000 bytes',
    connected(async (session, scene) => {
      for (const type of [0x50, 0x51])
        for (const fill of [0, 1, 0x55, 0x7f, 0xff]) {
          const bytes = Buffer.concat([Buffer.of(2, 64, 0), Buffer.alloc(7_800, fill)])
          for (let count = 0; count < 5; count += 1)
            session.send(writer => writeChunk(writer, type, chunk => chunk.put(bytes)))
        }
      await goesOn(session, scene)
    }),
  ],
  [
    '1,000 acknowledgements in one packet',
    connected(async (session, scene) => {
      await session.each(20, writer => {
        while (writer.room > 30)
          writeAcknowledgement(writer, { flowId: 2, bufferAvailable: 65_536, cumulative: 0, ranges: [] })
      })
      await goesOn(session, scene)
    }),
  ],
  [
    'acknowledgements cut off at every byte',
    connected(async (session, scene) => {
      const bytes = Buffer.from('0240010102030405', 'hex')
      await session.each(bytes.length, (writer, index) =>
        writeChunk(writer, ChunkType.AcknowledgementRanges, chunk => chunk.put(bytes.subarray(0, index))),
      )
      await goesOn(session, scene)
    }),
  ],
  [
    'questions for the window, 2,000 of them',
    connected(async (session, scene) => {
      await session.each(10, writer => {
        for (let index = 0; index < 200; index += 1) writeBufferProbe(writer, index % 3)
      })
      await goesOn(session, scene)
    }),
  ],
  [
    'refusals of flows, there or not',
    connected(async (session, scene) => {
      await session.each(100, (writer, index) => writeFlowException(writer, { flowId: index, code: index }))
      await scene.goesOn()
    }),
  ],
  [
    'nobody who acknowledges anything',
    connected(async (session, scene) => {
      for (let index = 0; index < 20; index += 1)
        data(session, {
          sequence: 2 + index,
          data: Buffer.concat([Buffer.of(20, 0, 0, 0, 0), encodeAmf0('createStream', 2 + index, null)]),
        })
      await scene.goesOn()
      expect(scene.listener.usage.queuedBytes).toBeLessThan(64 * 1024)
    }),
  ],
]

const messageOf = (type: number, body: Uint8Array): Buffer => Buffer.concat([Buffer.of(type, 0, 0, 0, 0), body])

const messages: readonly Attack[] = [
  [
    'messages of nothing, of four bytes, and of all types',
    connected(async (session, scene) => {
      let sequence = 2
      for (let length = 0; length < 5; length += 1) data(session, { sequence: sequence++, data: Buffer.alloc(length) })
      for (let type = 0; type < 256; type += 1)
        if (type !== 20 && type !== 17) data(session, { sequence: sequence++, data: messageOf(type, nothing) })
      await scene.goesOn()
    }),
  ],
  [
    'commands that are none',
    connected(async (session, scene) => {
      for (let index = 0; index < 30; index += 1)
        data(session, { sequence: 2 + index, data: messageOf(index % 2 === 0 ? 20 : 17, randomBytes(index * 3)) })
      await scene.goesOn()
    }),
  ],
  [
    'what belongs to the chunk stream',
    connected(async (session, scene) => {
      let sequence = 2
      for (const type of [1, 2, 3, 5, 6])
        for (const body of [nothing, Buffer.of(0), Buffer.of(0, 0, 0, 1), Buffer.alloc(4, 0xff)])
          data(session, { sequence: sequence++, data: messageOf(type, body) })
      await goesOn(session, scene)
    }),
  ],
  [
    '200 barriers for more flows than there are',
    connected(async (session, scene) => {
      for (let index = 0; index < 200; index += 1) {
        const { payload } = userControl({ type: 'FlowSync', syncId: index, count: 2 + index * 1_000 })
        data(session, { sequence: 2 + index, data: messageOf(4, payload) })
      }
      await goesOn(session, scene)
    }),
  ],
  [
    'control events that are too short, unknown, or only a server’s',
    connected(async (session, scene) => {
      let sequence = 2
      for (let event = 0; event < 50; event += 1)
        for (const length of [0, 1, 4])
          data(session, {
            sequence: sequence++,
            data: messageOf(4, Buffer.concat([Buffer.of(0, event), Buffer.alloc(length)])),
          })
      await scene.goesOn()
    }),
  ],
  [
    'aggregates that lie about their lengths',
    connected(async (session, scene) => {
      for (let index = 0; index < 20; index += 1)
        data(session, { sequence: 2 + index, data: messageOf(22, Buffer.alloc(11 + index, 0xff)) })
      await scene.goesOn()
    }),
  ],
  [
    'a publish without keys of the innocent’s name, which stays his',
    connected(async (session, scene) => {
      const command = (sequence: number, ...values: readonly AmfValue[]) =>
        data(session, { sequence, data: messageOf(20, encodeAmf0(...values)) })
      command(2, 'createStream', 2, null)
      command(3, 'publish', 3, null, 'show', 'live')
      command(4, 'deleteStream', 0, null, 1)
      await scene.goesOn()
    }),
  ],
]

hostile(
  'in a session',
  [...packets, ...checksums, ...chunks, ...pings, ...flows, ...sequences, ...acknowledgements, ...messages],
  {
    patience: 20_000,
    limits: { maxReceived: 20_000_000 },
  },
)

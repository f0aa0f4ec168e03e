import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { ChunkType } from '../../../src/wire/chunk-type.ts'
import { Fragment, writeNextUserData, writeUserData } from '../../../src/wire/user-data.ts'
import { type AttackSession, dataOf, turn } from '../../support/attacker.ts'
import type { Attack } from '../../support/hostile.ts'
import { data, goesOn, inSession, nothing } from './in-session.ts'

const { Begin, Middle, End, Whole } = Fragment

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

export const sequences: readonly Attack[] = [
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

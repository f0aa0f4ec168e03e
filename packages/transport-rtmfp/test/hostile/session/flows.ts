import { expect } from 'vitest'
import { ChunkType } from '../../../src/wire/chunk-type.ts'
import { encodeOption } from '../../../src/wire/options.ts'
import { writeUserData } from '../../../src/wire/user-data.ts'
import { dataOf } from '../../support/attacker.ts'
import { counts } from '../../support/counts.ts'
import { associationOption, metadataOption } from '../../support/raw-peer.ts'
import type { Attack } from '../../support/hostile.ts'
import { connected, data, goesOn, inSession, isOver, nothing } from './in-session.ts'

export const flows: readonly Attack[] = [
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

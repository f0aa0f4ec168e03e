import { encodeAmf0 } from '@rtmpipe/amf'
import { expect } from 'vitest'
import { writeAcknowledgement } from '../../../src/wire/acknowledgement.ts'
import { ChunkType } from '../../../src/wire/chunk-type.ts'
import { writeChunk } from '../../../src/wire/packet.ts'
import { writeBufferProbe, writeFlowException } from '../../../src/wire/session-chunks.ts'
import type { Attack } from '../../support/hostile.ts'
import { connected, data, goesOn, isOver } from './in-session.ts'

export const acknowledgements: readonly Attack[] = [
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

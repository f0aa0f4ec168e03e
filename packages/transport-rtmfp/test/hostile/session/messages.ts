import { type AmfValue, encodeAmf0 } from '@rtmpipe/amf'
import { userControl } from '@rtmpipe/chunk-stream'
import { randomBytes } from 'node:crypto'
import type { Attack } from '../../support/hostile.ts'
import { connected, data, goesOn, nothing } from './in-session.ts'

const messageOf = (type: number, body: Uint8Array): Buffer => Buffer.concat([Buffer.of(type, 0, 0, 0, 0), body])

export const messages: readonly Attack[] = [
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

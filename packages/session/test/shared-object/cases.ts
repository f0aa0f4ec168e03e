import { MessageType } from '@rtmpipe/chunk-stream'
import type { SharedObjectMessage } from '../../src/protocol/shared-object-event.ts'
import { hex } from './support/body.ts'

export interface Case {
  readonly name: string
  readonly messageTypeId?: number
  readonly message: SharedObjectMessage
  readonly bytes: Buffer
}

const so = { name: 'so', version: 5, persistent: false }
/** "so", version 5, temporary, zero. */
const header = '0002 736f 00000005 00000000 00000000'

/** Each event as bytes, by hand after RTMP 1.0 §7.1.3 and what Flash sends. */
export const cases: readonly Case[] = [
  { name: 'no event', message: { ...so, events: [] }, bytes: hex(header) },
  {
    name: 'a persistent object of version 2^32 - 1',
    message: { name: 'ü/x', version: 0xffff_ffff, persistent: true, events: [] },
    bytes: hex('0004 c3bc2f78 ffffffff 00000002 00000000'),
  },
  { name: 'Use', message: { ...so, events: [{ type: 'Use' }] }, bytes: hex(`${header} 01 00000000`) },
  { name: 'Release', message: { ...so, events: [{ type: 'Release' }] }, bytes: hex(`${header} 02 00000000`) },
  {
    name: 'RequestChange',
    message: { ...so, events: [{ type: 'RequestChange', key: 'k', value: 1 }] },
    bytes: hex(`${header} 03 0000000c 0001 6b 00 3ff0000000000000`),
  },
  {
    name: 'RequestChange to null',
    message: { ...so, events: [{ type: 'RequestChange', key: '', value: null }] },
    bytes: hex(`${header} 03 00000003 0000 05`),
  },
  {
    name: 'Change of two properties',
    message: {
      ...so,
      events: [
        {
          type: 'Change',
          properties: [
            ['k', 1],
            ['b', true],
          ],
        },
      ],
    },
    bytes: hex(`${header} 04 00000011 0001 6b 00 3ff0000000000000 0001 62 01 01`),
  },
  {
    name: 'Change of nothing',
    message: { ...so, events: [{ type: 'Change', properties: [] }] },
    bytes: hex(`${header} 04 00000000`),
  },
  {
    name: 'Success',
    message: { ...so, events: [{ type: 'Success', key: 'k' }] },
    bytes: hex(`${header} 05 00000003 0001 6b`),
  },
  {
    name: 'SendMessage',
    message: { ...so, events: [{ type: 'SendMessage', handler: 'hi', args: ['x', null] }] },
    bytes: hex(`${header} 06 0000000a 02 0002 6869 02 0001 78 05`),
  },
  {
    name: 'SendMessage without arguments',
    message: { ...so, events: [{ type: 'SendMessage', handler: 'hi', args: [] }] },
    bytes: hex(`${header} 06 00000005 02 0002 6869`),
  },
  {
    name: 'Status',
    message: { ...so, events: [{ type: 'Status', code: 'SharedObject.NoWriteAccess', level: 'error' }] },
    bytes: hex(`${header} 07 00000023 001a 5368617265644f626a6563742e4e6f5772697465416363657373 0005 6572726f72`),
  },
  { name: 'Clear', message: { ...so, events: [{ type: 'Clear' }] }, bytes: hex(`${header} 08 00000000`) },
  {
    name: 'Remove',
    message: { ...so, events: [{ type: 'Remove', key: 'k' }] },
    bytes: hex(`${header} 09 00000003 0001 6b`),
  },
  {
    name: 'RequestRemove',
    message: { ...so, events: [{ type: 'RequestRemove', key: 'k' }] },
    bytes: hex(`${header} 0a 00000003 0001 6b`),
  },
  { name: 'UseSuccess', message: { ...so, events: [{ type: 'UseSuccess' }] }, bytes: hex(`${header} 0b 00000000`) },
  {
    name: 'an unknown event between two known ones',
    message: {
      ...so,
      events: [{ type: 'Clear' }, { type: 'Unknown', eventType: 0x2a, data: hex('abcd') }, { type: 'Use' }],
    },
    bytes: hex(`${header} 08 00000000 2a 00000002 abcd 01 00000000`),
  },
  {
    name: 'the answer to Use',
    message: {
      ...so,
      persistent: true,
      events: [{ type: 'UseSuccess' }, { type: 'Clear' }, { type: 'Change', properties: [['k', 1]] }],
    },
    bytes: hex(`0002 736f 00000005 00000002 00000000 0b 00000000 08 00000000 04 0000000c 0001 6b 00 3ff0000000000000`),
  },
  {
    name: 'type 16, which begins with a format selector',
    messageTypeId: MessageType.SharedObjectAmf3,
    message: { ...so, events: [{ type: 'RequestChange', key: 'k', value: 1 }] },
    bytes: hex(`00 ${header} 03 0000000c 0001 6b 00 3ff0000000000000`),
  },
  {
    name: 'type 16 with bytes, which only AMF3 has',
    messageTypeId: MessageType.SharedObjectAmf3,
    message: { ...so, events: [{ type: 'RequestChange', key: 'k', value: new Uint8Array([0xaa, 0xbb]) }] },
    bytes: hex(`00 ${header} 03 00000008 0001 6b 11 0c 05 aabb`),
  },
]

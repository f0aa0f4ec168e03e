import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { bytes, hex } from './support/hex.ts'

/** Bytes derived by hand from RTMP 1.0 §5.3 and §5.4, and the messages they stand for. */
export interface Case {
  readonly name: string
  readonly bytes: Buffer
  readonly messages: readonly RtmpMessage[]
}

function message(messageTypeId: number, messageStreamId: number, timestamp: number, payload: Buffer): RtmpMessage {
  return { messageTypeId, messageStreamId, timestamp, payload }
}

const body307 = Buffer.concat([bytes(128, 0xa1), bytes(128, 0xa2), bytes(51, 0xa3)])
const [part1, part2, part3] = [bytes(128, 0xa1), bytes(128, 0xa2), bytes(51, 0xa3)]
const audio32 = bytes(32, 0xaf)

/** A one-byte message by a full header on some chunk stream, then the same again by format 3. */
function basicHeader(name: string, first: string, repeated: string): Case {
  return {
    name: `basic header of ${name}`,
    bytes: hex(`${first} 000000 000001 08 01000000 77`, `${repeated} 78`),
    messages: [message(8, 1, 0, hex('77')), message(8, 1, 0, hex('78'))],
  }
}

export const cases: readonly Case[] = [
  basicHeader('chunk stream 3, one byte', '03', 'C3'),
  basicHeader('chunk stream 63, one byte', '3F', 'FF'),
  basicHeader('chunk stream 64, two bytes', '00 00', 'C0 00'),
  basicHeader('chunk stream 319, two bytes', '00 FF', 'C0 FF'),
  basicHeader('chunk stream 320, three bytes', '01 00 01', 'C1 00 01'),
  basicHeader('chunk stream 365, three bytes', '01 2D 01', 'C1 2D 01'),
  basicHeader('chunk stream 65599, three bytes', '01 FF FF', 'C1 FF FF'),
  basicHeader('chunk stream 70 in both of its forms', '00 06', 'C1 06 00'),
  {
    name: 'RTMP 1.0 §5.3.2.1, example 1: audio at 1000, 1020, 1040, 1060',
    bytes: Buffer.concat([
      hex('03 0003E8 000020 08 39300000'),
      audio32,
      hex('83 000014'),
      audio32,
      hex('C3'),
      audio32,
      hex('C3'),
      audio32,
    ]),
    messages: [1000, 1020, 1040, 1060].map(timestamp => message(8, 12345, timestamp, audio32)),
  },
  {
    name: 'RTMP 1.0 §5.3.2.2, example 2: 307 bytes in three chunks',
    bytes: Buffer.concat([hex('04 0003E8 000133 09 3A300000'), part1, hex('C4'), part2, hex('C4'), part3]),
    messages: [message(9, 12346, 1000, body307)],
  },
  {
    name: 'extended timestamp, repeated in the continuation chunks',
    bytes: Buffer.concat([
      hex('04 FFFFFF 000133 09 3A300000 01000000'),
      part1,
      hex('C4 01000000'),
      part2,
      hex('C4 01000000'),
      part3,
    ]),
    messages: [message(9, 12346, 0x01000000, body307)],
  },
  {
    name: 'extended timestamp, absent from the continuation chunks',
    bytes: Buffer.concat([hex('04 FFFFFF 000133 09 3A300000 01000000'), part1, hex('C4'), part2, hex('C4'), part3]),
    messages: [message(9, 12346, 0x01000000, body307)],
  },
  {
    name: 'extended timestamp absent where three bytes of payload look like it, and the message ends with them',
    bytes: Buffer.concat([
      hex('04 FFFFFF 000083 09 01000000 01020304'),
      part1,
      hex('C4 010203'),
      hex('08 000000 000001 08 01000000 99'),
    ]),
    messages: [message(9, 1, 0x01020304, Buffer.concat([part1, hex('010203')])), message(8, 1, 0, hex('99'))],
  },
  {
    name: 'what looks like an extended timestamp is the last byte of one message and the first header of the next',
    bytes: Buffer.concat([
      hex('06 FFFFFF 000081 09 01000000 010400FF'),
      part1,
      hex('C6 01'),
      hex('04 000014 000001 08 01000000 AF'),
    ]),
    messages: [message(9, 1, 0x010400ff, Buffer.concat([part1, hex('01')])), message(8, 1, 20, hex('AF'))],
  },
  {
    name: 'what looks like an extended timestamp is the last byte of one message and the whole of the next',
    bytes: Buffer.concat([
      hex('04 000014 000001 08 01000000 AF'),
      hex('06 FFFFFF 000081 09 01000000 01C4A0FF'),
      part1,
      hex('C6 01', 'C4 A0'),
      hex('05 000000 000001 12 01000000 02'),
    ]),
    messages: [
      message(8, 1, 20, hex('AF')),
      message(9, 1, 0x01c4a0ff, Buffer.concat([part1, hex('01')])),
      message(8, 1, 40, hex('A0')),
      message(18, 1, 0, hex('02')),
    ],
  },
  {
    name: 'extended timestamp of exactly 0xffffff',
    bytes: hex('04 FFFFFF 000001 09 01000000 00FFFFFF 11'),
    messages: [message(9, 1, 0xffffff, hex('11'))],
  },
  {
    name: 'format 3 that starts a message after an extended delta carries it again',
    bytes: hex('04 000005 000001 09 01000000 11', '84 FFFFFF 01000000 12', 'C4 01000000 13', '84 000001 14', 'C4 15'),
    messages: [
      message(9, 1, 5, hex('11')),
      message(9, 1, 0x01000005, hex('12')),
      message(9, 1, 0x02000005, hex('13')),
      message(9, 1, 0x02000006, hex('14')),
      message(9, 1, 0x02000007, hex('15')),
    ],
  },
  {
    name: 'format 3 after format 0 adds its timestamp (§5.3.1.2.4; sent by FMLE)',
    bytes: hex('04 00001A 000001 08 01000000 AF', 'C4 AF', 'C4 AF'),
    messages: [26, 52, 78].map(timestamp => message(8, 1, timestamp, hex('AF'))),
  },
  {
    name: 'timestamps wrap at 2^32',
    bytes: hex('04 FFFFFF 000001 08 01000000 FFFFFFFA AF', '84 000014 AF'),
    messages: [message(8, 1, 4294967290, hex('AF')), message(8, 1, 14, hex('AF'))],
  },
  {
    name: 'format 1 changes length and type, keeps the message stream',
    bytes: hex('06 000064 000001 08 01000000 AF', '46 000001 000002 09 1701'),
    messages: [message(8, 1, 100, hex('AF')), message(9, 1, 101, hex('1701'))],
  },
  {
    name: 'format 1 on a new chunk stream: message stream 0, time from 0 (sent by librtmp)',
    bytes: hex('42 000007 000006 04 0006 00000001'),
    messages: [message(4, 0, 7, hex('0006 00000001'))],
  },
  {
    name: 'format 0 changes the message stream',
    bytes: hex('04 000064 000001 08 01000000 AF', '04 000065 000001 08 02000000 AF'),
    messages: [message(8, 1, 100, hex('AF')), message(8, 2, 101, hex('AF'))],
  },
  {
    name: 'messages without payload',
    bytes: hex('04 000064 000000 08 01000000', 'C4', '84 000001'),
    messages: [100, 200, 201].map(timestamp => message(8, 1, timestamp, hex(''))),
  },
  {
    name: 'audio between the chunks of a video message',
    bytes: Buffer.concat([
      hex('06 000000 000133 09 01000000'),
      part1,
      hex('04 000000 000001 08 01000000 AF'),
      hex('C6'),
      part2,
      hex('84 000017 AF'),
      hex('C6'),
      part3,
    ]),
    messages: [message(8, 1, 0, hex('AF')), message(8, 1, 23, hex('AF')), message(9, 1, 0, body307)],
  },
  {
    name: 'Set Chunk Size applies to the very next chunk',
    bytes: Buffer.concat([
      hex('02 000000 000004 01 00000000 00000100'),
      hex('06 000000 0000C8 09 01000000'),
      bytes(200, 1),
    ]),
    messages: [message(1, 0, 0, hex('00000100')), message(9, 1, 0, bytes(200, 1))],
  },
  {
    name: 'Set Chunk Size in the middle of a message',
    bytes: Buffer.concat([
      hex('06 000000 000133 09 01000000'),
      part1,
      hex('02 000000 000004 01 00000000 000000B3'),
      hex('C6'),
      part2,
      part3,
    ]),
    messages: [message(1, 0, 0, hex('000000B3')), message(9, 1, 0, body307)],
  },
  {
    name: 'Set Chunk Size above 0xffffff acts as 0xffffff',
    bytes: Buffer.concat([hex('02 000000 000004 01 00000000 7FFFFFFF'), hex('06 000000 000133 09 01000000'), body307]),
    messages: [message(1, 0, 0, hex('7FFFFFFF')), message(9, 1, 0, body307)],
  },
  {
    name: 'Set Chunk Size on another chunk stream counts; a short one does not',
    bytes: Buffer.concat([
      hex('03 000000 000004 01 00000000 000000FF', '02 000000 000003 01 00000000 000001'),
      hex('06 000000 0000C8 09 01000000'),
      bytes(200, 1),
    ]),
    messages: [message(1, 0, 0, hex('000000FF')), message(1, 0, 0, hex('000001')), message(9, 1, 0, bytes(200, 1))],
  },
  {
    name: 'Abort drops the message in progress; header fields stay',
    bytes: Buffer.concat([
      hex('06 000064 000133 09 01000000'),
      part1,
      hex('02 000000 000004 02 00000000 00000006'),
      hex('C6'),
      part1,
      hex('C6'),
      part2,
      hex('C6'),
      part3,
    ]),
    messages: [message(2, 0, 0, hex('00000006')), message(9, 1, 200, body307)],
  },
  {
    name: 'Abort of a chunk stream that is unknown, idle or its own, and a short one, change nothing',
    bytes: hex(
      '06 000064 000001 09 01000000 17',
      '02 000000 000004 02 00000000 00000009',
      '02 000000 000004 02 00000000 00000006',
      '02 000000 000004 02 00000000 00000002',
      '02 000000 000004 02 00000000 FFFFFFFF',
      '02 000000 000001 02 00000000 06',
      '86 000001 27',
    ),
    messages: [
      message(9, 1, 100, hex('17')),
      ...['00000009', '00000006', '00000002', 'FFFFFFFF', '06'].map(body => message(2, 0, 0, hex(body))),
      message(9, 1, 101, hex('27')),
    ],
  },
  ...[
    ['format 0, the same again', '06 00008C 000133 09 01000000'],
    ['format 0, time 0', '06 000000 000133 09 01000000'],
    ['format 0, the delta', '06 000028 000133 09 01000000'],
    ['format 1, the delta again', '46 000028 000133 09'],
    ['format 1, delta 0', '46 000000 000133 09'],
    ['format 1, the timestamp', '46 00008C 000133 09'],
    ['format 2, the delta again', '86 000028'],
    ['format 2, delta 0', '86 000000'],
    ['format 2, the timestamp', '86 00008C'],
  ].map(
    ([name, again = '']): Case => ({
      name: `inside a message: ${name}; the next message has the delta of the first header`,
      bytes: Buffer.concat([
        hex('06 000064 000001 09 01000000 17', '46 000028 000133 09'),
        part1,
        hex(again),
        part2,
        hex(again),
        part3,
        hex('C6'),
        part1,
        hex('C6'),
        part2,
        hex('C6'),
        part3,
        hex('C6'),
        part1,
        hex(again.replace('00008C', '0000DC')),
        part2,
        hex('C6'),
        part3,
      ]),
      messages: [message(9, 1, 100, hex('17')), ...[140, 180, 220].map(time => message(9, 1, time, body307))],
    }),
  ),
  ...[
    ['format 0', '06 FFFFFF 000133 09 3A300000 01000000'],
    ['format 0, time 0', '06 000000 000133 09 3A300000'],
    ['format 1', '46 FFFFFF 000133 09 01000000'],
    ['format 1, delta 0', '46 000000 000133 09'],
    ['format 2', '86 FFFFFF 01000000'],
    ['format 2, delta 0', '86 000000'],
  ].flatMap(([name, again = '']) =>
    ['C6 01000000', 'C6'].map(
      (format3): Case => ({
        name: `inside a message with an extended timestamp: ${name}, then ${format3}`,
        bytes: Buffer.concat([
          hex('06 FFFFFF 000133 09 3A300000 01000000'),
          part1,
          hex(again),
          part2,
          hex(format3),
          part3,
          hex('C6 01000000'),
          part1,
          hex(format3),
          part2,
          hex(again),
          part3,
        ]),
        messages: [message(9, 12346, 0x01000000, body307), message(9, 12346, 0x02000000, body307)],
      }),
    ),
  ),
]

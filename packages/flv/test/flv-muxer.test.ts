import { FlvMuxer, type MediaMessage } from '@rtmpipe/flv'
import { describe, expect, test } from 'vitest'
import { hex } from './support/hex.ts'

const muxer = new FlvMuxer()

function message(messageTypeId: number, timestamp: number, payload: Buffer): MediaMessage {
  return { messageTypeId, messageStreamId: 1, timestamp, payload }
}

test('the header names both kinds of media and is followed by an empty back pointer', () => {
  expect(muxer.header()).toEqual(hex('464c56 01 05 00000009 00000000'))
})

test.each([
  [true, true, '05'],
  [true, false, '04'],
  [false, true, '01'],
  [false, false, '00'],
])('the header of a file that has audio: %s, video: %s', (hasAudio, hasVideo, flags) => {
  expect(muxer.header({ hasAudio, hasVideo })).toEqual(hex(`464c56 01 ${flags} 00000009 00000000`))
})

test.each([
  ['audio', message(8, 26, hex('af012100')), '08 000004 00001a 00 000000 af012100 0000000f'],
  ['video', message(9, 0, hex('1700')), '09 000002 000000 00 000000 1700 0000000d'],
  ['silence', message(8, 1, hex('')), '08 000000 000001 00 000000 0000000b'],
  ['time above 24 bits', message(9, 0x1234_5678, hex('27')), '09 000001 345678 12 000000 27 0000000c'],
  ['time above 31 bits', message(9, 0xffff_fffe, hex('27')), '09 000001 fffffe ff 000000 27 0000000c'],
  ['data', message(18, 0, hex('020001 61 05')), '12 000005 000000 00 000000 0200016105 00000010'],
  ['data in AMF3', message(15, 0, hex('00 020001 61 05')), '12 000005 000000 00 000000 0200016105 00000010'],
  [
    'data in AMF3 without format byte',
    message(15, 0, hex('020001 61')),
    '12 000004 000000 00 000000 02000161 0000000f',
  ],
])('%s becomes a tag', (_, input, bytes) => {
  expect(muxer.tag(input)).toEqual(hex(bytes))
})

describe('@setDataFrame', () => {
  const prefix = Buffer.from('\x02\x00\x0d@setDataFrame', 'latin1')
  const metadata = Buffer.from('\x02\x00\x0aonMetaData\x05', 'latin1')

  test.each([
    ['AMF0', 18, [prefix, metadata]],
    ['AMF3', 15, [Buffer.alloc(1), prefix, metadata]],
    ['AMF0 without it', 18, [metadata]],
  ])('is removed from data in %s', (_, messageTypeId, parts) => {
    const tag = muxer.tag(message(messageTypeId, 0, Buffer.concat(parts)))
    expect(tag.subarray(11, -4)).toEqual(metadata)
  })

  test('is left where it is not the name', () => {
    const other = Buffer.concat([metadata, prefix])
    expect(muxer.tag(message(18, 0, other)).subarray(11, -4)).toEqual(other)
    expect(muxer.tag(message(9, 0, prefix)).subarray(11, -4)).toEqual(prefix)
  })
})

test('what has no tag is refused', () => {
  for (const type of [0, 1, 16, 17, 20, 22, 256 + 8]) {
    expect(() => muxer.tag(message(type, 0, hex('00')))).toThrow(
      expect.objectContaining({ name: 'FlvError', code: 'RTMP_ERR_FLV_MESSAGE_TYPE' }),
    )
  }
})

test('a body that 24 bits cannot count is refused', () => {
  const largest = Buffer.alloc(0xff_ffff)
  expect(muxer.tag(message(9, 0, largest)).length).toBe(largest.length + 15)
  expect(() => muxer.tag(message(9, 0, Buffer.alloc(0x100_0000)))).toThrow(
    expect.objectContaining({ code: 'RTMP_ERR_FLV_TAG_SIZE' }),
  )
})

test('the payload is not written to', () => {
  const payload = Buffer.from('\x02\x00\x0d@setDataFrame\x05', 'latin1')
  const before = Buffer.from(payload)
  muxer.tag(message(18, 0, payload)).fill(0)
  expect(payload).toEqual(before)
})

import { parseUserControl, userControl, type UserControlEvent } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex } from './support/hex.ts'

const cases: [event: UserControlEvent, body: Buffer][] = [
  [{ type: 'StreamBegin', messageStreamId: 1 }, hex('0000 00000001')],
  [{ type: 'StreamEof', messageStreamId: 2 }, hex('0001 00000002')],
  [{ type: 'StreamDry', messageStreamId: 3 }, hex('0002 00000003')],
  [{ type: 'SetBufferLength', messageStreamId: 1, bufferLength: 3000 }, hex('0003 00000001 00000BB8')],
  [{ type: 'StreamIsRecorded', messageStreamId: 4 }, hex('0004 00000004')],
  [{ type: 'PingRequest', timestamp: 0xfffffffe }, hex('0006 FFFFFFFE')],
  [{ type: 'PingResponse', timestamp: 7 }, hex('0007 00000007')],
  [{ type: 'SwfVerifyRequest', version: 1 }, hex('001A 01')],
  [{ type: 'SwfVerifyResponse', data: hex('0101', '00'.repeat(40)) }, hex('001B 0101', '00'.repeat(40))],
  [{ type: 'BufferEmpty', messageStreamId: 1 }, hex('001F 00000001')],
  [{ type: 'BufferReady', messageStreamId: 1 }, hex('0020 00000001')],
  [{ type: 'FlowSync', syncId: 5, count: 2 }, hex('0022 00000005 00000002')],
  [{ type: 'SetKeepalive', serverKeepalive: 10000, peerKeepalive: 95000 }, hex('0029 00002710 00017318')],
]

describe.each(cases)('$type', (event, body) => {
  it('is encoded', () => {
    expect(userControl(event)).toEqual({ messageTypeId: 4, messageStreamId: 0, timestamp: 0, payload: body })
  })
  it('is parsed, with and without bytes behind it', () => {
    expect(parseUserControl(body)).toEqual(event)
    if (event.type !== 'SwfVerifyResponse') expect(parseUserControl(Buffer.concat([body, hex('FF')]))).toEqual(event)
  })
  it('is undefined when short', () => {
    const shortest = event.type === 'SwfVerifyResponse' ? 2 : body.length
    for (let length = 0; length < shortest; length++) expect(parseUserControl(body.subarray(0, length))).toBeUndefined()
  })
})

it('is undefined for unknown events', () => {
  for (const type of ['0005', '0008', '00FF', 'FFFF']) expect(parseUserControl(hex(type, '00000001'))).toBeUndefined()
})

it('encodes whatever it parses to the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 45 }), fc.uint8Array({ maxLength: 12 }), (type, data) => {
      const event = parseUserControl(Buffer.from([0, type, ...data]))
      if (event !== undefined) expect(parseUserControl(userControl(event).payload)).toEqual(event)
    }),
  )
})

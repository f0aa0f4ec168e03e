import { MessageType } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { sharedObjectMessage, type SharedObjectMessageType } from '../../src/shared-object/encode-shared-object.ts'
import { parseSharedObject } from '../../src/shared-object/parse-shared-object.ts'
import { cases } from './cases.ts'
import { event, hex, text } from './support/body.ts'

const { SharedObjectAmf0, SharedObjectAmf3 } = MessageType
const header = '0002 736f 00000005 00000000 00000000'
const parsed = (digits: string, messageTypeId: number = SharedObjectAmf0) =>
  parseSharedObject({ messageTypeId, payload: hex(digits) })

describe.each(cases)('$name', ({ message, bytes, messageTypeId = SharedObjectAmf0 }) => {
  it('is read', () => {
    expect(parseSharedObject({ messageTypeId, payload: bytes })).toEqual(message)
  })

  it('is written', () => {
    const written = sharedObjectMessage(message, messageTypeId as SharedObjectMessageType)
    expect(written).toMatchObject({ messageTypeId, messageStreamId: 0, timestamp: 0 })
    expect(written.payload.toString('hex')).toBe(bytes.toString('hex'))
  })

  it('is an error when it is cut short in the middle of anything', () => {
    // Between two events it is only a shorter message.
    const ends = new Set([hex(header).length, ...eventEnds(bytes, messageTypeId)])
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = { messageTypeId, payload: bytes.subarray(0, length) }
      if (ends.has(length)) continue
      expect(() => parseSharedObject(cut), `${length} bytes`).toThrow(
        expect.objectContaining({ name: 'ProtocolError', layer: 'message', code: 'RTMP_ERR_SHARED_OBJECT' }),
      )
    }
  })
})

function eventEnds(bytes: Buffer, messageTypeId: number): number[] {
  const start = messageTypeId === SharedObjectAmf3 ? 1 : 0
  let at = start + 2 + bytes.readUInt16BE(start) + 12
  const ends = [at]
  while (at < bytes.length) ends.push((at += 5 + bytes.readUInt32BE(at + 1)))
  return ends
}

it('names and keys that are no UTF-8 stay apart', () => {
  const named = (byte: string) => parsed(`0002 6b ${byte} 00000005 00000000 00000000 ${event(10, `0001 ${byte}`)}`)
  expect([named('ea'), named('eb')]).toMatchObject([
    { name: 'kê', events: [{ key: 'ê' }] },
    { name: 'kë', events: [{ key: 'ë' }] },
  ])
})

describe('what is not quite right', () => {
  it.each([
    ['an event longer than the message', `${header} 04 00000005 00`],
    ['an event of 4 GiB', `${header} 04 ffffffff`],
    ['a name longer than the message', '00ff 736f'],
    ['a key longer than its event', `${header} ${event(3, '0005 6b 05')}`],
    ['RequestChange without a value', `${header} ${event(3, text('k'))}`],
    ['RequestChange with two values', `${header} ${event(3, `${text('k')} 05 05`)}`],
    ['RequestChange with a value that is no AMF', `${header} ${event(3, `${text('k')} 0e`)}`],
    ['Change with a key too many', `${header} ${event(4, `${text('k')} 05 ${text('l')}`)}`],
    ['Success with more than a key', `${header} ${event(5, `${text('k')} 00`)}`],
    ['SendMessage of nothing', `${header} ${event(6)}`],
    ['SendMessage whose handler is no string', `${header} ${event(6, '05')}`],
    ['SendMessage whose handler has no marker', `${header} ${event(6, text('hi'))}`],
    ['Status without a level', `${header} ${event(7, text('code'))}`],
    ['RequestRemove without a key', `${header} ${event(10)}`],
    ['objects 33 deep', `${header} ${event(3, `${text('k')} ${'0a00000001'.repeat(33)} 05`)}`],
  ])('%s is an error', (_what, digits) => {
    expect(() => parsed(digits)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_SHARED_OBJECT' }))
  })

  it('the cause of an error in a value is that of AMF', () => {
    expect(() => parsed(`${header} ${event(3, `${text('k')} 0e`)}`)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: 'RTMP_ERR_AMF_MARKER' }) }),
    )
  })

  it.each([1, 2, 8, 11])('data of event %d, which has none, is skipped', type => {
    expect(parsed(`${header} ${event(type, 'abcd')} ${event(8)}`).events).toHaveLength(2)
  })

  it('flags other than that of persistence say nothing', () => {
    expect(parsed('0002 736f 00000000 00000001 00000000').persistent).toBe(false)
    expect(parsed('0002 736f 00000000 00000003 00000000').persistent).toBe(true)
  })

  it('so many events are too many', () => {
    expect(parsed(header + event(8).repeat(4_096)).events).toHaveLength(4_096)
    expect(() => parsed(header + event(8).repeat(4_097))).toThrow(
      expect.objectContaining({ name: 'LimitError', code: 'RTMP_ERR_SHARED_OBJECT_LENGTH' }),
    )
  })

  it('a key that is longer than its length can say is not written', () => {
    const message = { name: 'so', version: 0, persistent: false }
    const withKey = (key: string) => sharedObjectMessage({ ...message, events: [{ type: 'Remove', key }] })
    expect(withKey('x'.repeat(65_535)).payload.length).toBe(16 + 5 + 2 + 65_535)
    expect(() => withKey('x'.repeat(65_536))).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
  })
})

describe('AMF3', () => {
  // 0x11 switches one value to AMF3; integer 5 is 04 05.
  const events = [{ type: 'RequestChange', key: 'k', value: 5 }]

  it.each([
    ['type 16 with a value that switches to it', `00 ${header} ${event(3, `${text('k')} 11 0405`)}`],
    ['type 16 in encoding 3, where values need no switch', `03 ${header} ${event(3, `${text('k')} 0405`)}`],
  ])('%s is read', (_what, digits) => {
    expect(parsed(digits, SharedObjectAmf3).events).toEqual(events)
  })

  it('in type 19 is read too', () => {
    expect(parsed(`${header} ${event(3, `${text('k')} 11 0405`)}`).events).toEqual(events)
  })

  it('SendMessage in encoding 3 has AMF3 for its handler', () => {
    // The string "hi" is 06 05 6869.
    const { events: sent } = parsed(`03 ${header} ${event(6, '06 05 6869 04 05')}`, SharedObjectAmf3)
    expect(sent).toEqual([{ type: 'SendMessage', handler: 'hi', args: [5] }])
  })

  it('is written for the arguments that need it, and no others', () => {
    const args = ['x', hex('aa')]
    const message = { name: 'so', version: 5, persistent: false }
    const { payload } = sharedObjectMessage({ ...message, events: [{ type: 'SendMessage', handler: 'hi', args }] })
    const data = '02 0002 6869 02 0001 78 11 0c 03 aa'
    expect(payload.toString('hex')).toBe(hex(`${header} ${event(6, data)}`).toString('hex'))
  })

  it.each(['01', '02', 'ff'])('encoding %s is none', encoding => {
    expect(() => parsed(`${encoding} ${header}`, SharedObjectAmf3)).toThrow(
      expect.objectContaining({ code: 'RTMP_ERR_SHARED_OBJECT' }),
    )
  })
})

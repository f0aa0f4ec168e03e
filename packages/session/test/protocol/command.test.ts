import { EcmaArray, encodeAmf0, TypedObject } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  commandMessage,
  errorMessage,
  objectOf,
  onStatus,
  parseCommand,
  resultMessage,
  statusMessage,
  stringOf,
} from '../../src/protocol/command.ts'
import { status } from '../../src/protocol/status.ts'
import { described } from '../support/described.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const message = (payload: Buffer, messageTypeId: number = MessageType.CommandAmf0): RtmpMessage => ({
  messageTypeId,
  messageStreamId: 1,
  timestamp: 7,
  payload,
})

// createStream, 2.0, null: by hand from AMF0 §2.2, §2.4, §2.7.
const createStream = '02 000c 63726561746553747265616d  00 4000000000000000  05'

describe('a command', () => {
  it.each([
    ['type 20', message(hex(createStream))],
    ['type 17 with its format selector', message(hex(`00 ${createStream}`), MessageType.CommandAmf3)],
    ['type 17 without', message(hex(createStream), MessageType.CommandAmf3)],
  ])('is read from %s', (_what, given) => {
    expect(parseCommand(given)).toEqual({
      name: 'createStream',
      transactionId: 2,
      commandObject: null,
      args: [],
      messageStreamId: 1,
    })
  })

  it('has arguments after the command object', () => {
    const command = parseCommand(message(encodeAmf0('play', 4, null, 'name', -2000, undefined, true)))
    expect(command).toMatchObject({
      name: 'play',
      transactionId: 4,
      commandObject: null,
      args: ['name', -2000, undefined, true],
    })
  })

  it('may consist of its name', () => {
    expect(parseCommand(message(encodeAmf0('close')))).toMatchObject({
      name: 'close',
      transactionId: 0,
      commandObject: undefined,
      args: [],
    })
  })

  it.each([NaN, Infinity, -1, 1.5, 1e300, '1', null, undefined, true, new Date(0)])(
    'counts the transaction id %s as 0',
    id => {
      expect(parseCommand(message(encodeAmf0('call', id, null))).transactionId).toBe(0)
    },
  )

  it.each([
    ['a number', encodeAmf0(1, 2, null)],
    ['null', encodeAmf0(null)],
    ['an object', encodeAmf0({ name: 'connect' })],
    ['nothing', Buffer.alloc(0)],
  ])('with %s for a name is refused', (_what, payload) => {
    expect(() => parseCommand(message(payload))).toThrow(
      expect.objectContaining({ code: 'RTMP_ERR_COMMAND', layer: 'command' }),
    )
  })

  it('is refused above 64 KiB, and not read', () => {
    const name = encodeAmf0('x')
    const fits = Buffer.concat([name, Buffer.alloc(64 * 1024 - name.length, 5)])
    expect(() => parseCommand(message(fits))).not.toThrow(expect.objectContaining({ code: 'RTMP_ERR_COMMAND_LENGTH' }))
    const tooLong = Buffer.concat([fits, Buffer.of(0xff)])
    expect(() => parseCommand(message(tooLong))).toThrow(expect.objectContaining({ code: 'RTMP_ERR_COMMAND_LENGTH' }))
  })

  it('has at most 64 arguments', () => {
    const of = (count: number) => message(encodeAmf0('call', 0, null, ...Array<null>(count).fill(null)))
    expect(parseCommand(of(64)).args).toHaveLength(64)
    expect(() => parseCommand(of(65))).toThrow(expect.objectContaining({ code: 'RTMP_ERR_COMMAND_ARGUMENTS' }))
  })

  it('of type 17 may have values in AMF3, each by itself', () => {
    // 'm', 1.0, null, an AMF3 integer 5, an AMF0 true.
    const given = message(hex('00 02 0001 6d 00 3ff0000000000000 05 110405 0101'), MessageType.CommandAmf3)
    expect(parseCommand(given)).toMatchObject({ name: 'm', transactionId: 1, args: [5, true] })
  })

  describe('is taken as far as it can be read', () => {
    const publish = '02 0007 7075626c697368 00 4008000000000000 05 02 0001 6b'
    const connect = '02 0007 636f6e6e656374 00 3ff0000000000000'
    const app = '0003 617070 02 0004 6c697665'

    it.each([
      ['padding', `${publish} 000000`, { name: 'publish', transactionId: 3, args: ['k'] }],
      ['an object without its end', `${connect} 03 ${app}`, { name: 'connect', transactionId: 1 }],
      ['an ECMA array without its end', `${connect} 08 00000001 ${app}`, { name: 'connect', transactionId: 1 }],
      ['an end twice', `${connect} 03 ${app} 000009 000009`, { name: 'connect', transactionId: 1 }],
    ])('%s', (_what, bytes, expected) => {
      for (const given of [message(hex(bytes)), message(hex(`00 ${bytes}`), MessageType.CommandAmf3)]) {
        const command = parseCommand(given)
        expect(command).toMatchObject(expected)
        if (command.name === 'connect') expect(objectOf(command.commandObject)).toEqual({ app: 'live' })
        expect(command.fault?.code).toBe('RTMP_ERR_AMF_TRUNCATED')
      }
    })

    it.each([
      ['its name', '02 0007 70'],
      ['its transaction id', '02 0007 7075626c697368 00 40'],
    ])('but not if %s can not be read', (_what, bytes) => {
      expect(() => parseCommand(message(hex(bytes)))).toThrow(
        expect.objectContaining({ code: 'RTMP_ERR_AMF_TRUNCATED' }),
      )
    })

    it('and limits hold', () => {
      const deep = hex(`${connect} ${'03 0001 61'.repeat(33)} 05`)
      expect(() => parseCommand(message(deep))).toThrow(expect.objectContaining({ code: 'RTMP_ERR_AMF_DEPTH' }))
    })
  })

  it('is read from any bytes or refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(17, 20), (bytes, type) => {
        try {
          expect(typeof parseCommand(message(Buffer.from(bytes), type)).name).toBe('string')
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^RTMP_ERR_(COMMAND|AMF_)/)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('what is sent', () => {
  const command = parseCommand(message(encodeAmf0('createStream', 5, null)))

  it('is AMF0 on type 20 and timestamp 0', () => {
    const sent = commandMessage(3, 'play', 0, null, 'x')
    expect(sent).toMatchObject({ messageTypeId: 20, messageStreamId: 3, timestamp: 0 })
    expect(sent.payload).toEqual(hex('02 0004 706c6179  00 0000000000000000  05  02 0001 78'))
  })

  it.each([
    ['_result on id 0 with the transaction id', resultMessage(command, null, 1), ['_result', 0, 5, null, 1]],
    [
      '_error likewise',
      errorMessage(command, status('NetConnection.Call.Failed', 'why')),
      ['_error', 0, 5, null, 'error NetConnection.Call.Failed'],
    ],
    [
      'onStatus on its stream, transaction id 0',
      onStatus(7, 'NetStream.Play.Start', 'go'),
      ['onStatus', 7, 0, null, 'status NetStream.Play.Start'],
    ],
    [
      'onStatus with details',
      statusMessage(7, status('NetStream.Play.Start', 'go'), { details: 'name' }),
      ['onStatus', 7, 0, null, { info: 'status NetStream.Play.Start', details: 'name' }],
    ],
  ])('%s', (_what, sent, expected) => {
    expect(described(sent)).toEqual(expected)
  })
})

describe('values', () => {
  it('objects of every kind give their properties, the rest none', () => {
    expect(objectOf({ a: 1 })).toEqual({ a: 1 })
    expect(objectOf(new EcmaArray({ a: 1 }))).toEqual({ a: 1 })
    expect(objectOf(new TypedObject('C', { a: 1 }))).toEqual({ a: 1 })
    for (const value of [null, undefined, 1, 'a', [1], new Date()]) expect(objectOf(value)).toEqual({})
  })

  it('strings are strings, the rest is empty', () => {
    expect(stringOf('a')).toBe('a')
    for (const value of [null, undefined, 1, { toString: 'a' }]) expect(stringOf(value)).toBe('')
  })
})

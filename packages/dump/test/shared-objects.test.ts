import type { AmfValue } from '@rtmpipe/amf'
import { MessageType, RtmpError } from '@rtmpipe/chunk-stream'
import { parseSharedObject, type SharedObjectEvent, sharedObjectMessage } from '@rtmpipe/session'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSharedObject } from '../src/body/shared-object-body.ts'
import { Names } from '../src/names.ts'
import { plainValues } from '../src/plain-value.ts'

interface Message {
  readonly messageTypeId: number
  readonly payload: Buffer
}

/** What the dump makes of it, or its complaint. */
function dumped(message: Message): unknown {
  let complaint: unknown
  const body = readSharedObject({ messageStreamId: 0, timestamp: 0, ...message }, new Names(true), (code, text) => {
    complaint = { code, text }
  })
  return complaint ?? body
}

/** What a server makes of it, as JSON has it, or its error. */
function parsed(message: Message): unknown {
  try {
    const { events, ...rest } = parseSharedObject(message)
    return { ...rest, events: events.map(plainEvent) }
  } catch (error) {
    if (!(error instanceof RtmpError)) throw error
    return { code: error.code, text: error.message }
  }
}

function plainEvent({ type, ...fields }: SharedObjectEvent): unknown {
  if ('data' in fields) return { type: `Event${fields.eventType}`, length: fields.data.length }
  const entries = Object.entries(fields) as [string, AmfValue][]
  return { type, ...Object.fromEntries(entries.map(([name, value]) => [name, ...plainValues([value])])) }
}

const key = fc.string({ maxLength: 10 })
const value: fc.Arbitrary<AmfValue> = fc.oneof(fc.double(), fc.boolean(), fc.constantFrom(null, undefined), key)
const event = fc.oneof(
  fc.record({ type: fc.constantFrom('Use', 'Release', 'UseSuccess', 'Clear') }),
  fc.record({ type: fc.constantFrom('Success', 'Remove', 'RequestRemove'), key }),
  fc.record({ type: fc.constant('RequestChange'), key, value }),
  fc.record({ type: fc.constant('Change'), properties: fc.array(fc.tuple(key, value), { maxLength: 3 }) }),
  fc.record({ type: fc.constant('SendMessage'), handler: key, args: fc.array(value, { maxLength: 3 }) }),
  fc.record({ type: fc.constant('Status'), code: key, level: key }),
  fc.record({
    type: fc.constant('Unknown'),
    eventType: fc.constantFrom(0, 12, 255),
    data: fc.uint8Array({ maxLength: 9 }).map(bytes => Buffer.from(bytes)),
  }),
) as fc.Arbitrary<SharedObjectEvent>

const message = fc
  .record({
    name: key,
    version: fc.nat(),
    persistent: fc.boolean(),
    events: fc.array(event, { maxLength: 5 }),
    type: fc.constantFrom(MessageType.SharedObjectAmf0, MessageType.SharedObjectAmf3),
  })
  .map(({ type, ...content }) => sharedObjectMessage(content, type))

describe('a shared object message', () => {
  it('is read as a server reads it', () => {
    fc.assert(
      fc.property(message, it => {
        expect(dumped(it)).toEqual(parsed(it))
      }),
    )
  })

  it('that is cut short or has a wrong byte is complained of as a server does', () => {
    const damage = fc.tuple(message, fc.nat(), fc.nat(255), fc.boolean())
    let complaints = 0
    fc.assert(
      fc.property(damage, ([{ messageTypeId, payload }, at, byte, isCut]) => {
        const bytes = Buffer.from(payload)
        bytes[at % bytes.length] = byte
        const damaged = { messageTypeId, payload: isCut ? bytes.subarray(0, at % bytes.length) : bytes }
        if (Object.hasOwn(Object(dumped(damaged)) as object, 'code')) complaints++
        expect(dumped(damaged)).toEqual(parsed(damaged))
      }),
      { numRuns: 500 },
    )
    expect(complaints).toBeGreaterThan(50)
  })

  it('may have values in AMF3', () => {
    const hex = '03 0002 736f 00000005 00000000 00000000 03 00000005 0001 61 0401'.replaceAll(' ', '')
    const it = { messageTypeId: MessageType.SharedObjectAmf3, payload: Buffer.from(hex, 'hex') }
    expect(dumped(it)).toEqual({
      name: 'so',
      version: 5,
      persistent: false,
      events: [{ type: 'RequestChange', key: 'a', value: 1 }],
    })
    expect(parsed(it)).toEqual(dumped(it))
  })

  it('with more than 4096 events is one complaint', () => {
    const events = Array.from({ length: 4097 }, () => ({ type: 'Use' }) as const)
    const many = sharedObjectMessage({ name: 'so', version: 0, persistent: false, events })
    expect(dumped(many)).toMatchObject({ code: 'RTMP_ERR_SHARED_OBJECT_LENGTH' })
    expect(dumped(many)).toEqual(parsed(many))
  })
})

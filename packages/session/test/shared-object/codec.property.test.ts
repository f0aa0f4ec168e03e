import type { AmfValue } from '@rtmpipe/amf'
import { MessageType, RtmpError } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sharedObjectMessage, type SharedObjectMessageType } from '../../src/shared-object/encode-shared-object.ts'
import { parseSharedObject } from '../../src/shared-object/parse-shared-object.ts'
import {
  type SharedObjectEvent,
  SharedObjectEventType,
  type SharedObjectMessage,
} from '../../src/protocol/shared-object-event.ts'
import { cases } from './cases.ts'

const { SharedObjectAmf0, SharedObjectAmf3 } = MessageType
const key = fc.oneof(
  fc.constantFrom('', '__proto__', 'constructor', 'length', '4294967294'),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
)
const value: fc.Arbitrary<AmfValue> = fc.oneof(
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  key,
  fc.array(fc.oneof(key, fc.double()), { maxLength: 5 }),
)
const event: fc.Arbitrary<SharedObjectEvent> = fc.oneof(
  fc.record({ type: fc.constantFrom('Use', 'Release', 'UseSuccess', 'Clear') }),
  fc.record({ type: fc.constantFrom('Success', 'Remove', 'RequestRemove'), key }),
  fc.record({ type: fc.constant('RequestChange'), key, value }),
  fc.record({ type: fc.constant('Change'), properties: fc.array(fc.tuple(key, value), { maxLength: 5 }) }),
  fc.record({ type: fc.constant('SendMessage'), handler: key, args: fc.array(value, { maxLength: 5 }) }),
  fc.record({ type: fc.constant('Status'), code: key, level: key }),
  fc.record({
    type: fc.constant('Unknown'),
    eventType: fc.integer({ min: 12, max: 255 }),
    data: fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
  }),
) as fc.Arbitrary<SharedObjectEvent>
const message: fc.Arbitrary<SharedObjectMessage> = fc.record({
  name: key,
  version: fc.nat({ max: 0xffff_ffff }),
  persistent: fc.boolean(),
  events: fc.array(event, { maxLength: 8 }),
})
const messageTypeId = fc.constantFrom<SharedObjectMessageType>(SharedObjectAmf0, SharedObjectAmf3)

it('what is written is read as it was', () => {
  fc.assert(
    fc.property(message, messageTypeId, (original, type) => {
      expect(parseSharedObject(sharedObjectMessage(original, type))).toEqual(original)
    }),
    { numRuns: 500 },
  )
})

/** Reads it or raises an error of ours. */
function outcome(payload: Buffer, type: number): SharedObjectMessage | undefined {
  try {
    return parseSharedObject({ messageTypeId: type, payload })
  } catch (error) {
    if (error instanceof RtmpError && error.code.startsWith('RTMP_ERR_SHARED_OBJECT')) return undefined
    throw error
  }
}

/** What AMF0 has and AMF3 has not may stand inside one value in bytes, but can't be written. */
function rewritten(read: SharedObjectMessage): Buffer | undefined {
  try {
    return sharedObjectMessage(read).payload
  } catch (error) {
    expect(error).toMatchObject({ name: 'AmfError' })
    return undefined
  }
}

it('any bytes are read or are an error of ours', () => {
  const number = fc.integer({ min: 0, max: 255 })
  const numbers = Object.values(SharedObjectEventType)
  // Bytes that get past the header and into an event, with a length that may or may not be right.
  const hostile = fc
    .tuple(fc.constantFrom(...numbers), fc.uint8Array({ maxLength: 60 }), fc.integer({ min: -2, max: 3 }))
    .map(([type, data, error]) => {
      const header = Buffer.from(`${'0001'}${'73'}${'00'.repeat(12)}`, 'hex')
      const length = Buffer.alloc(4)
      length.writeUInt32BE(Math.max(0, data.length + error))
      return Buffer.concat([header, Buffer.of(type), length, data])
    })
  const junk = fc.array(number, { maxLength: 80 }).map(bytes => Buffer.from(bytes))
  const anything = fc.oneof(hostile, junk)
  fc.assert(
    fc.property(anything, messageTypeId, (payload, type) => {
      const read = outcome(payload, type)
      const again = read && rewritten(read)
      if (again !== undefined) expect(outcome(again, SharedObjectAmf0)).toBeDefined()
    }),
    { numRuns: 3_000 },
  )
})

it('a good message with one byte changed is read or is an error of ours', () => {
  const index = fc.nat()
  const byte = fc.integer({ min: 0, max: 255 })
  fc.assert(
    fc.property(fc.constantFrom(...cases), index, byte, ({ bytes, messageTypeId: type = SharedObjectAmf0 }, at, to) => {
      const payload = Buffer.from(bytes)
      payload[at % payload.length] = to
      outcome(payload, type)
    }),
    { numRuns: 3_000 },
  )
})

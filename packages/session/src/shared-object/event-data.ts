import type { AmfValue } from '@rtmpipe/amf'
import { UsageError } from '@rtmpipe/chunk-stream'
import { writeValues } from './amf-values.ts'
import { type SharedObjectEvent, SharedObjectEventType } from '../protocol/shared-object-event.ts'

/** An event as it stands in a message. */
export interface EncodedEvent {
  /** On the wire: a {@link SharedObjectEventType} or another number. */
  readonly eventType: number
  readonly data: Buffer
}

const nothing: Buffer = Buffer.alloc(0)
const greatestUint16 = 0xffff

/** @param byteLength bytes that values may take @throws AmfError, UsageError */
export function encodeEvent(event: SharedObjectEvent, byteLength?: number): EncodedEvent {
  if (event.type === 'Unknown') return event
  return { eventType: SharedObjectEventType[event.type], data: eventData(event, byteLength) }
}

function eventData(event: Exclude<SharedObjectEvent, { type: 'Unknown' }>, byteLength?: number): Buffer {
  switch (event.type) {
    case 'RequestChange':
      return encodeProperty(event.key, event.value, byteLength)
    case 'Change':
      return Buffer.concat(event.properties.map(([key, value]) => encodeProperty(key, value, byteLength)))
    case 'SendMessage':
      return writeValues([event.handler, ...event.args], byteLength)
    case 'Status':
      return Buffer.concat([encodeText(event.code), encodeText(event.level)])
    case 'Success':
    case 'Remove':
    case 'RequestRemove':
      return encodeText(event.key)
    default:
      return nothing
  }
}

/** Key and value, in memory of their own. @throws AmfError, UsageError */
export function encodeProperty(key: string, value: AmfValue, byteLength?: number): Buffer {
  const parts = [encodeText(key), writeValues([value], byteLength)] as const
  const property = Buffer.allocUnsafeSlow(parts[0].length + parts[1].length)
  parts[0].copy(property)
  parts[1].copy(property, parts[0].length)
  return property
}

/** A 16 bit length and UTF-8. @throws UsageError */
export function encodeText(text: string): Buffer {
  const length = Buffer.byteLength(text)
  if (length > greatestUint16)
    throw new UsageError('RTMP_ERR_USAGE', `a name or key of ${length} bytes, more than 65535`)
  const bytes = Buffer.allocUnsafe(2 + length)
  bytes.writeUInt16BE(length)
  bytes.write(text, 2)
  return bytes
}

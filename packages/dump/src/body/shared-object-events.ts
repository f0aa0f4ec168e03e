import { Amf0Reader, Amf3Reader, type AmfValue } from '@rtmpipe/amf'
import { LimitError } from '@rtmpipe/chunk-stream'
import { ByteCursor, malformed } from './byte-cursor.ts'

// A reading of its own, beside that of the session: what a capture is checked with must not need a server. A test holds
// the one against the other.

/** Names of the event types, which count from 1 (RTMP 1.0 §7.1.3). */
const types = [
  'Use',
  'Release',
  'RequestChange',
  'Change',
  'Success',
  'SendMessage',
  'Status',
  'Clear',
  'Remove',
  'RequestRemove',
  'UseSuccess',
] as const

const maxEvents = 4_096

/** An event: its type, and what it says. */
export interface EventFields {
  readonly type: string
  readonly [field: string]: AmfValue
}

/**
 * The events of a shared object message, whose values are AMF0 or AMF3.
 *
 * @throws ProtocolError for what can't be read, LimitError for too many events, AmfError
 */
export function readEvents(body: ByteCursor, encoding: 0 | 3): readonly EventFields[] {
  const events: EventFields[] = []
  while (!body.done) {
    if (events.length === maxEvents)
      throw new LimitError('RTMP_ERR_SHARED_OBJECT_LENGTH', `more than ${maxEvents} events in one message`)
    const eventType = body.uint8()
    const data = body.take(body.uint32())
    const type = types[eventType - 1]
    events.push(
      type === undefined
        ? { type: `Event${eventType}`, length: data.length }
        : { type, ...fieldsOf(type, new ByteCursor(data), encoding) },
    )
  }
  return events
}

function fieldsOf(type: (typeof types)[number], data: ByteCursor, encoding: 0 | 3): Readonly<Record<string, AmfValue>> {
  switch (type) {
    case 'Use':
    case 'Release':
    case 'Clear':
    case 'UseSuccess':
      return {}
    case 'RequestChange':
      return atEnd(type, data, { key: data.text(), value: valueOf(data, encoding) })
    case 'Change': {
      const properties: [string, AmfValue][] = []
      while (!data.done) properties.push([data.text(), valueOf(data, encoding)])
      return { properties }
    }
    case 'SendMessage': {
      const [handler, ...args] = valuesOf(data, encoding)
      if (typeof handler !== 'string') throw malformed('SendMessage has no handler')
      return { handler, args }
    }
    case 'Status':
      return atEnd(type, data, { code: data.text(), level: data.text() })
    default:
      return atEnd(type, data, { key: data.text() })
  }
}

function atEnd<Fields>(type: string, data: ByteCursor, fields: Fields): Fields {
  if (!data.done) throw malformed(`${type} is longer than its fields`)
  return fields
}

function valueOf(data: ByteCursor, encoding: 0 | 3): AmfValue {
  const reader = readerOf(data.rest, encoding)
  const value = reader.read()
  data.take(reader.position)
  return value
}

function valuesOf(data: ByteCursor, encoding: 0 | 3): AmfValue[] {
  const reader = readerOf(data.rest, encoding)
  const values: AmfValue[] = []
  while (!reader.done) values.push(reader.read())
  return values
}

function readerOf(bytes: Buffer, encoding: 0 | 3): Amf0Reader | Amf3Reader {
  return encoding === 3 ? new Amf3Reader(bytes) : new Amf0Reader(bytes)
}

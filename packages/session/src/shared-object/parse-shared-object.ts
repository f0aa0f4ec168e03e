import { AmfError, splitSharedObjectBody } from '@rtmpipe/amf'
import { LimitError, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { ObjectEncoding } from '../protocol/amf3-messages.ts'
import { BodyReader, malformed } from './body-reader.ts'
import {
  type SharedObjectEvent,
  SharedObjectEventType,
  type SharedObjectMessage,
  type SharedObjectProperty,
} from '../protocol/shared-object-event.ts'

/** Most events of a message: five bytes are enough to make an object for one. */
const maxEvents = 4_096
const persistentFlag = 2

const typesByNumber = new Map<number, SharedObjectEventType>(
  Object.entries(SharedObjectEventType).map(([type, number]) => [number, type as SharedObjectEventType]),
)

/**
 * Takes apart a message of type 19 or 16. Unknown events are kept as they are; bytes after the fields of an event are
 * skipped.
 *
 * @throws ProtocolError `RTMP_ERR_SHARED_OBJECT`, LimitError `RTMP_ERR_SHARED_OBJECT_LENGTH` for too many events
 */
export function parseSharedObject({
  messageTypeId,
  payload,
}: Pick<RtmpMessage, 'messageTypeId' | 'payload'>): SharedObjectMessage {
  try {
    if (messageTypeId !== MessageType.SharedObjectAmf3) return parseBody(new BodyReader(payload), 0)
    const { objectEncoding, bytes } = splitSharedObjectBody(payload)
    return parseBody(new BodyReader(payload.subarray(payload.length - bytes.length)), objectEncoding)
  } catch (error) {
    if (error instanceof AmfError) throw malformed(error.message, { cause: error })
    throw error
  }
}

function parseBody(body: BodyReader, encoding: ObjectEncoding): SharedObjectMessage {
  const name = body.text()
  const version = body.uint32()
  const persistent = (body.uint32() & persistentFlag) !== 0
  // Always zero.
  body.bytes(4)
  const events: SharedObjectEvent[] = []
  while (!body.done) {
    if (events.length === maxEvents) {
      throw new LimitError('RTMP_ERR_SHARED_OBJECT_LENGTH', `more than ${maxEvents} events in one message`)
    }
    const eventType = body.uint8()
    events.push(parseEvent(eventType, body.bytes(body.uint32()), encoding))
  }
  return { name, version, persistent, events }
}

function parseEvent(eventType: number, data: Buffer, encoding: ObjectEncoding): SharedObjectEvent {
  const type = typesByNumber.get(eventType)
  if (type === undefined) return { type: 'Unknown', eventType, data }
  if (type === 'Use' || type === 'Release' || type === 'Clear' || type === 'UseSuccess') return { type }
  const fields = new BodyReader(data, encoding)
  const event = parseFields(type, fields)
  if (!fields.done) throw malformed(`${type} is longer than its fields`)
  return event
}

function parseFields(
  type: Exclude<SharedObjectEventType, 'Use' | 'Release' | 'Clear' | 'UseSuccess'>,
  fields: BodyReader,
): SharedObjectEvent {
  switch (type) {
    case 'RequestChange':
      return { type, key: fields.text(), value: fields.value() }
    case 'Change':
      return { type, properties: properties(fields) }
    case 'SendMessage': {
      // The handler is a value with a marker, unlike keys.
      const [handler, ...args] = fields.values()
      if (typeof handler !== 'string') throw malformed('SendMessage has no handler')
      return { type, handler, args }
    }
    case 'Status':
      return { type, code: fields.text(), level: fields.text() }
    default:
      return { type, key: fields.text() }
  }
}

function properties(fields: BodyReader): readonly SharedObjectProperty[] {
  const read: SharedObjectProperty[] = []
  while (!fields.done) read.push([fields.text(), fields.value()])
  return read
}

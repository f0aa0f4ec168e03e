import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { withFormatSelector } from '../protocol/amf3-messages.ts'
import { type EncodedEvent, encodeEvent, encodeText } from './event-data.ts'
import type { SharedObjectMessage } from '../protocol/shared-object-event.ts'

const persistentFlag = 2

/** The message types that carry shared objects. */
export type SharedObjectMessageType = typeof MessageType.SharedObjectAmf0 | typeof MessageType.SharedObjectAmf3

/**
 * A shared object message (RTMP 1.0 §7.1.3). @throws AmfError for values AMF has no type for, UsageError for keys too
 * long
 */
export function sharedObjectMessage(
  message: SharedObjectMessage,
  messageTypeId: SharedObjectMessageType = MessageType.SharedObjectAmf0,
): RtmpMessage {
  const events = message.events.map(event => encodeEvent(event))
  return addressed(encodeBody(message, events), messageTypeId)
}

/** The body of type 19. */
export function encodeBody(
  { name, version, persistent }: Omit<SharedObjectMessage, 'events'>,
  events: readonly EncodedEvent[],
): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt32BE(version >>> 0)
  header.writeUInt32BE(persistent ? persistentFlag : 0, 4)
  const parts = [encodeText(name), header]
  for (const { eventType, data } of events) {
    const eventHeader = Buffer.allocUnsafe(5)
    eventHeader.writeUInt8(eventType)
    eventHeader.writeUInt32BE(data.length, 1)
    parts.push(eventHeader, data)
  }
  return Buffer.concat(parts)
}

/**
 * A message of either type with the body of type 19. Shared objects belong to the NetConnection: message stream id 0.
 */
export function addressed(body: Buffer, messageTypeId: SharedObjectMessageType): RtmpMessage {
  const payload = messageTypeId === MessageType.SharedObjectAmf3 ? withFormatSelector(body) : body
  return { messageTypeId, messageStreamId: 0, timestamp: 0, payload }
}

import { MessageType, type RtmpMessage } from './message.ts'

/**
 * Event types of User Control messages (RTMP 1.0 §7.1.7; 26 to 32 seen from Flash Media Server, 34 and 41 RFC 7425).
 */
export const UserControlEventType = {
  StreamBegin: 0,
  StreamEof: 1,
  StreamDry: 2,
  SetBufferLength: 3,
  StreamIsRecorded: 4,
  PingRequest: 6,
  PingResponse: 7,
  SwfVerifyRequest: 26,
  SwfVerifyResponse: 27,
  BufferEmpty: 31,
  BufferReady: 32,
  FlowSync: 34,
  SetKeepalive: 41,
} as const

/** The name of a User Control event. */
export type UserControlEventType = keyof typeof UserControlEventType

type StreamEventType = 'StreamBegin' | 'StreamEof' | 'StreamDry' | 'StreamIsRecorded' | 'BufferEmpty' | 'BufferReady'

/** A User Control event with its data. */
export type UserControlEvent =
  | { readonly type: StreamEventType; readonly messageStreamId: number }
  /** How many milliseconds the client buffers. */
  | { readonly type: 'SetBufferLength'; readonly messageStreamId: number; readonly bufferLength: number }
  /** The response carries the request's timestamp. */
  | { readonly type: 'PingRequest' | 'PingResponse'; readonly timestamp: number }
  | { readonly type: 'SwfVerifyRequest'; readonly version: number }
  | { readonly type: 'SwfVerifyResponse'; readonly data: Buffer }
  | { readonly type: 'FlowSync'; readonly syncId: number; readonly count: number }
  /** Milliseconds. */
  | { readonly type: 'SetKeepalive'; readonly serverKeepalive: number; readonly peerKeepalive: number }

/** A User Control message (RTMP 1.0 §6.2). */
export function userControl(event: UserControlEvent): RtmpMessage {
  const type = Buffer.alloc(2)
  type.writeUInt16BE(UserControlEventType[event.type])
  const payload = Buffer.concat([type, eventData(event)])
  return { messageTypeId: MessageType.UserControl, messageStreamId: 0, timestamp: 0, payload }
}

function eventData(event: UserControlEvent): Buffer {
  switch (event.type) {
    case 'SetBufferLength':
      return uint32s(event.messageStreamId, event.bufferLength)
    case 'PingRequest':
    case 'PingResponse':
      return uint32s(event.timestamp)
    case 'SwfVerifyRequest':
      return Buffer.of(event.version)
    case 'SwfVerifyResponse':
      return event.data
    case 'FlowSync':
      return uint32s(event.syncId, event.count)
    case 'SetKeepalive':
      return uint32s(event.serverKeepalive, event.peerKeepalive)
    default:
      return uint32s(event.messageStreamId)
  }
}

const typeNames = new Map<number, UserControlEventType>(
  Object.entries(UserControlEventType).map(([name, value]) => [value, name as UserControlEventType]),
)

/** A User Control message's body; undefined if the event is unknown or its data too short. */
export function parseUserControl(payload: Buffer): UserControlEvent | undefined {
  if (payload.length < 2) return undefined
  const type = typeNames.get(payload.readUInt16BE(0))
  const data = payload.subarray(2)
  switch (type) {
    case undefined:
      return undefined
    case 'SwfVerifyRequest':
      // One byte: this event's body is shorter than every other's.
      return data.length < 1 ? undefined : { type, version: data.readUInt8(0) }
    case 'SwfVerifyResponse':
      return { type, data }
  }
  if (data.length < 4) return undefined
  const first = data.readUInt32BE(0)
  switch (type) {
    case 'PingRequest':
    case 'PingResponse':
      return { type, timestamp: first }
    case 'SetBufferLength':
    case 'FlowSync':
    case 'SetKeepalive':
      return data.length < 8 ? undefined : pairEvent(type, first, data.readUInt32BE(4))
    default:
      return { type, messageStreamId: first }
  }
}

function pairEvent(
  type: 'SetBufferLength' | 'FlowSync' | 'SetKeepalive',
  first: number,
  second: number,
): UserControlEvent {
  if (type === 'SetBufferLength') return { type, messageStreamId: first, bufferLength: second }
  if (type === 'FlowSync') return { type, syncId: first, count: second }
  return { type, serverKeepalive: first, peerKeepalive: second }
}

function uint32s(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, 4 * i))
  return bytes
}

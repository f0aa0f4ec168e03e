import {
  AmfError,
  type AmfValue,
  AvmPlus,
  EcmaArray,
  encodeAmf0,
  propertiesOf,
  salvageAmf0,
  Unsupported,
  withoutFormatSelector,
} from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'

/** How values are written, as `connect` agrees on (RTMP 1.0 §7.2.1.1): 0 is AMF0, each of which may switch to AMF3. */
export type ObjectEncoding = 0 | 3

const formatSelector = Buffer.of(0)

/** True for types 20 and 18, which a peer of `objectEncoding` 3 gets as 17 and 15. */
export function hasAmf3Form({ messageTypeId }: RtmpMessage): boolean {
  return amf3Type(messageTypeId) !== undefined
}

/**
 * Commands and data as a peer of `objectEncoding` 3 gets them: types 17 and 15. All other messages stay as they are.
 */
export function asAmf3(message: RtmpMessage): RtmpMessage {
  const messageTypeId = amf3Type(message.messageTypeId)
  return messageTypeId === undefined
    ? message
    : { ...message, messageTypeId, payload: withFormatSelector(message.payload) }
}

/** The body of a type 15, 16 or 17 from that of type 18, 19 or 20: a first byte, which says nothing, goes before it. */
export function withFormatSelector(body: Buffer): Buffer {
  return Buffer.concat([formatSelector, body])
}

/**
 * A value as a peer of `objectEncoding` 3 gets it: objects, and values that only AMF3 can carry, are switched to AMF3.
 */
export function asAmf3Value(value: AmfValue): AmfValue {
  const isPlain = typeof value !== 'object' || value === null
  return isPlain || value instanceof AvmPlus || value instanceof Unsupported ? value : new AvmPlus(value)
}

/**
 * A data message as it goes to every peer: type 15 becomes type 18. Its values are written in AMF0; where AMF0 can't carry
 * one, such as a ByteArray, they stay as they came, which type 18 may have as well (AMF0 §3.1). Undefined if nothing behind
 * its name can be read; what is unreadable after that is left out.
 */
export function asAmf0Data(message: RtmpMessage): RtmpMessage | undefined {
  if (message.messageTypeId !== MessageType.DataAmf3) return message
  const body = withoutFormatSelector(message.payload)
  const values = readableValues(body)
  return values && { ...message, messageTypeId: MessageType.DataAmf0, payload: inAmf0(values) ?? Buffer.from(body) }
}

function readableValues(body: Uint8Array): readonly AmfValue[] | undefined {
  try {
    const { values, fault } = salvageAmf0(body)
    return fault !== undefined && values.length < 2 ? undefined : values
  } catch (error) {
    if (error instanceof AmfError) return undefined
    throw error
  }
}

function inAmf0(values: readonly AmfValue[]): Buffer | undefined {
  try {
    return encodeAmf0(...values.map(asMetadata))
  } catch (error) {
    if (error instanceof AmfError) return undefined
    throw error
  }
}

function amf3Type(messageTypeId: number): number | undefined {
  if (messageTypeId === MessageType.CommandAmf0) return MessageType.CommandAmf3
  return messageTypeId === MessageType.DataAmf0 ? MessageType.DataAmf3 : undefined
}

/** Metadata is an ECMA array, never an object: ffmpeg and Flash look for nothing else. */
function asMetadata(value: AmfValue, index: number, values: readonly AmfValue[]): AmfValue {
  const properties = values[index - 1] === 'onMetaData' ? propertiesOf(value) : undefined
  return properties === undefined ? value : new EcmaArray(properties)
}

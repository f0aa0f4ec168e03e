import { LimitError, ProtocolError, UsageError } from './errors.ts'
import { MessageType, type RtmpMessage } from './message.ts'

/** Message type id 1, length 3, timestamp 3 and its high byte 1, message stream id 3: the header of an FLV tag. */
const headerLength = 11
/** Back pointer behind each message: the length of its header and payload. */
const backPointerLength = 4
const maxPayloadLength = 0xffffff

/** Messages in one Aggregate; more are refused. */
export const maxAggregateMessages = 1024

/**
 * The messages of an Aggregate (RTMP 1.0 §7.1.6), in order, as if they had come one by one: on the Aggregate's message
 * stream, the first at the Aggregate's timestamp, the others with the same distance to it as inside. Payloads are
 * slices. Message stream ids and back pointers inside are ignored; the last back pointer may be missing.
 *
 * @throws ProtocolError `RTMP_ERR_AGGREGATE` when it ends inside a message, or has an Aggregate or protocol control in
 *   it
 * @throws LimitError `RTMP_ERR_AGGREGATE_MESSAGES` above {@link maxAggregateMessages}
 */
export function splitAggregate({ messageStreamId, timestamp: start, payload }: RtmpMessage): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  let first = 0
  for (let offset = 0; offset < payload.length; ) {
    if (messages.length === maxAggregateMessages) {
      throw new LimitError('RTMP_ERR_AGGREGATE_MESSAGES', `more than ${maxAggregateMessages} messages in an Aggregate`)
    }
    const body = offset + headerLength
    if (body > payload.length) throw malformed('it ends inside a message header')
    const messageTypeId = payload.readUInt8(offset)
    if (!mayBeInside(messageTypeId)) throw malformed(`message type ${messageTypeId} inside`)
    const end = body + payload.readUIntBE(offset + 1, 3)
    if (end > payload.length) throw malformed('it ends inside a message')
    const timestamp = payload.readUIntBE(offset + 4, 3) + payload.readUInt8(offset + 7) * 0x1000000
    if (messages.length === 0) first = timestamp
    const rebased = (start + timestamp - first) >>> 0
    messages.push({ messageTypeId, messageStreamId, timestamp: rebased, payload: payload.subarray(body, end) })
    if (end < payload.length && end + backPointerLength > payload.length)
      throw malformed('it ends inside a back pointer')
    offset = end + backPointerLength
  }
  return messages
}

/**
 * Puts messages of one message stream into one Aggregate, with the timestamp of the first.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for none, more than {@link maxAggregateMessages}, messages of several streams,
 *   and Aggregates or protocol control among them; `RTMP_ERR_MESSAGE_TOO_LONG` above 16,777,215 bytes altogether
 */
export function aggregate(messages: readonly RtmpMessage[]): RtmpMessage {
  const [first] = messages
  if (first === undefined || messages.length > maxAggregateMessages) {
    throw new UsageError('RTMP_ERR_USAGE', `${messages.length} messages are not 1 to ${maxAggregateMessages}`)
  }
  const { messageStreamId, timestamp } = first
  const length = messages.reduce((sum, { payload }) => sum + aggregatedLength(payload.length), 0)
  if (length > maxPayloadLength) {
    throw new UsageError('RTMP_ERR_MESSAGE_TOO_LONG', `message length ${length} does not fit in 24 bits`)
  }
  const payload = Buffer.allocUnsafe(length)
  let offset = 0
  for (const message of messages) {
    if (message.messageStreamId !== messageStreamId || !mayBeInside(message.messageTypeId)) {
      throw new UsageError('RTMP_ERR_USAGE', `message type ${message.messageTypeId} can not be part of the Aggregate`)
    }
    offset = writeMessage(payload, offset, message)
  }
  return { messageTypeId: MessageType.Aggregate, messageStreamId, timestamp, payload }
}

/** Bytes that a payload takes in an Aggregate. */
export function aggregatedLength(payloadLength: number): number {
  return headerLength + payloadLength + backPointerLength
}

function writeMessage(target: Buffer, offset: number, { messageTypeId, timestamp, payload }: RtmpMessage): number {
  target[offset++] = messageTypeId
  offset = target.writeUIntBE(payload.length, offset, 3)
  offset = target.writeUIntBE(timestamp & 0xffffff, offset, 3)
  target[offset++] = (timestamp >>> 24) & 0xff
  // The Aggregate's own message stream id counts.
  offset = target.writeUIntBE(0, offset, 3)
  offset += payload.copy(target, offset)
  return target.writeUInt32BE(headerLength + payload.length, offset)
}

/**
 * True for messages that may not be inside: those about the framing of the connection, types 1 to 6, and Aggregates.
 */
function mayBeInside(messageTypeId: number): boolean {
  return messageTypeId > MessageType.SetPeerBandwidth && messageTypeId !== MessageType.Aggregate
}

function malformed(what: string): ProtocolError {
  return new ProtocolError('message', 'RTMP_ERR_AGGREGATE', `malformed Aggregate: ${what}`)
}

import { holdPayload, type MessageBatch, MessageType, type RtmpMessage, UsageError } from '@rtmpipe/chunk-stream'
import { isCodedAudio, isCodedVideo, isDisposable, isKeyframe } from '@rtmpipe/flv'

/** How long a message is worth sending. */
export type Worth = 'for ever' | 'audio' | 'keyframe' | 'frame' | 'disposable'

/** The flows that a stream is spread over, so that nothing waits for a picture that was lost. */
export type FlowKind = 'data' | 'audio' | 'video'

/** A message as flows carry it (RFC 7425 §5.1.2), the same for everybody it goes to. */
export interface FlowMessage {
  readonly kind: FlowKind
  readonly worth: Worth
  /** Type and timestamp, then the payload, which is not copied. */
  readonly parts: readonly Uint8Array[]
}

const HEADER_LENGTH = 5
const MOST_PAYLOAD = 0xff_ffff

/**
 * Encodes a message. Its payload is kept by reference: memory that would be used again is held for good.
 *
 * @throws UsageError `RTMP_ERR_MESSAGE_TOO_LONG` above 16,777,215 bytes of payload
 */
export function flowMessage({ messageTypeId, timestamp, payload }: RtmpMessage): FlowMessage {
  if (payload.length > MOST_PAYLOAD) {
    throw new UsageError('RTMP_ERR_MESSAGE_TOO_LONG', `a message of ${payload.length} bytes: 16,777,215 are possible`)
  }
  holdPayload(payload)
  const header = Buffer.allocUnsafe(HEADER_LENGTH)
  header.writeUInt8(messageTypeId, 0)
  header.writeUInt32BE(timestamp >>> 0, 1)
  const kind = kindOf(messageTypeId)
  return { kind, worth: worthOf(kind, payload), parts: [header, payload] }
}

const encoded = new WeakMap<MessageBatch, readonly FlowMessage[]>()

/** The messages of a batch, encoded for the first who asks and shared by all others. */
export function flowMessages(batch: MessageBatch): readonly FlowMessage[] {
  let messages = encoded.get(batch)
  if (messages === undefined) {
    messages = batch.messages.map(flowMessage)
    encoded.set(batch, messages)
  }
  return messages
}

/** Undefined when it is too short to be one. */
export function readFlowMessage(bytes: Buffer, messageStreamId: number): RtmpMessage | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  return {
    messageTypeId: bytes.readUInt8(0),
    messageStreamId,
    timestamp: bytes.readUInt32BE(1),
    payload: bytes.subarray(HEADER_LENGTH),
  }
}

function kindOf(messageTypeId: number): FlowKind {
  if (messageTypeId === MessageType.Audio) return 'audio'
  return messageTypeId === MessageType.Video ? 'video' : 'data'
}

function worthOf(kind: FlowKind, payload: Buffer): Worth {
  if (kind === 'audio') return isCodedAudio(payload) ? 'audio' : 'for ever'
  if (kind === 'data' || !isCodedVideo(payload)) return 'for ever'
  if (isKeyframe(payload)) return 'keyframe'
  return isDisposable(payload) ? 'disposable' : 'frame'
}

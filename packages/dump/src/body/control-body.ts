import {
  BandwidthLimitType,
  MessageType,
  parseAbort,
  parseAcknowledgement,
  parseSetChunkSize,
  parseSetPeerBandwidth,
  parseUserControl,
  parseWindowAcknowledgementSize,
  type RtmpMessage,
  UserControlEventType,
} from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'
import { type Body, unreadable } from './body.ts'

const limitTypes = new Map<number, string>(
  Object.entries(BandwidthLimitType).map(([name, value]) => [value, name.toLowerCase()]),
)
const eventTypes: ReadonlySet<number> = new Set(Object.values(UserControlEventType))

/** Protocol control (RTMP 1.0 §5.4) and user control messages (§6.2). */
export function readControl({ messageTypeId, payload }: RtmpMessage, complain: Complain): Body {
  const body = read(messageTypeId, payload)
  if (body !== undefined) return body
  const event = messageTypeId === MessageType.UserControl && payload.length >= 2 ? payload.readUInt16BE(0) : undefined
  if (event === undefined) complain('control-body', `a body of ${payload.length} bytes does not fit the message type`)
  else if (eventTypes.has(event)) complain('control-body', `user control event ${event} is too short`)
  else {
    complain('control-body', `unknown user control event ${event}`)
    return { event: `Event${event}` }
  }
  return unreadable
}

function read(messageTypeId: number, payload: Buffer): Body | undefined {
  switch (messageTypeId) {
    case MessageType.SetChunkSize:
      return named('size', parseSetChunkSize(payload))
    case MessageType.Abort:
      return named('chunkStreamId', parseAbort(payload))
    case MessageType.Acknowledgement:
      return named('bytesReceived', parseAcknowledgement(payload))
    case MessageType.WindowAcknowledgementSize:
      return named('size', parseWindowAcknowledgementSize(payload))
    case MessageType.SetPeerBandwidth: {
      const bandwidth = parseSetPeerBandwidth(payload)
      return bandwidth && { size: bandwidth.size, limitType: limitTypes.get(bandwidth.limitType) ?? '' }
    }
    default: {
      const event = parseUserControl(payload)
      if (event === undefined) return undefined
      if (event.type === 'SwfVerifyResponse') return { event: event.type, length: event.data.length }
      const { type, ...fields } = event
      return { event: type, ...fields }
    }
  }
}

function named(name: string, value: number | undefined): Body | undefined {
  return value === undefined ? undefined : { [name]: value }
}

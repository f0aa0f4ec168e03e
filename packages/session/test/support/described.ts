import { decodeAmf0, decodeAmf3Body, propertiesOf, type AmfValue } from '@rtmpipe/amf'
import {
  MessageType,
  parseSetChunkSize,
  parseSetPeerBandwidth,
  parseUserControl,
  parseWindowAcknowledgementSize,
  type RtmpMessage,
} from '@rtmpipe/chunk-stream'

/** A message as a test reads it: what it is, its message stream id, and what is in it. */
export type Described = readonly unknown[]

export function described(message: RtmpMessage): Described {
  const { messageTypeId, messageStreamId, timestamp, payload } = message
  switch (messageTypeId) {
    case MessageType.SetChunkSize:
      return ['SetChunkSize', parseSetChunkSize(payload)]
    case MessageType.WindowAcknowledgementSize:
      return ['WindowAcknowledgementSize', parseWindowAcknowledgementSize(payload)]
    case MessageType.SetPeerBandwidth:
      return ['SetPeerBandwidth', ...Object.values(parseSetPeerBandwidth(payload) ?? {})]
    case MessageType.UserControl: {
      const { type, ...data } = parseUserControl(payload) ?? { type: 'unreadable' }
      return [type, ...Object.values(data)]
    }
    case MessageType.CommandAmf0: {
      const [name, transactionId, ...values] = decodeAmf0(payload)
      return [name, messageStreamId, transactionId, ...values.map(readable)]
    }
    case MessageType.DataAmf0:
      return ['data', messageStreamId, timestamp, ...decodeAmf0(payload).map(readable)]
    case MessageType.CommandAmf3: {
      const [name, transactionId, ...values] = decodeAmf3Body(payload)
      return [`${name as string} (AMF3)`, messageStreamId, transactionId, ...values.map(readable)]
    }
    case MessageType.DataAmf3:
      return ['data (AMF3)', messageStreamId, timestamp, ...decodeAmf3Body(payload).map(readable)]
    case MessageType.Audio:
      return ['audio', messageStreamId, timestamp]
    case MessageType.Video:
      return ['video', messageStreamId, timestamp]
    default:
      return [`type ${messageTypeId}`, messageStreamId, timestamp]
  }
}

/** Information objects as `level code`: their descriptions are free to change, but have to be there. */
function readable(value: AmfValue): unknown {
  const properties = propertiesOf(value)
  if (properties === undefined) return value
  const { level, code, description, ...rest } = properties
  if (typeof level !== 'string' || typeof code !== 'string') return { ...properties }
  if (typeof description !== 'string' || description === '') return { ...properties }
  return Object.keys(rest).length === 0 ? `${level} ${code}` : { info: `${level} ${code}`, ...rest }
}

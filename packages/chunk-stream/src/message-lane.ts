import { MessageType, type RtmpMessage } from './message.ts'
import { parseUserControl } from './user-control.ts'

/** Messages that wait together are sent lane by lane, the first one first; within a lane in order. */
export const MessageLane = {
  /** What keeps the connection itself going: protocol control and pings. */
  Control: 0,
  /** Commands and answers of the NetConnection, shared objects. */
  Connection: 1,
  Audio: 2,
  /** Video and data, and what is said about a stream: it has to come after the media it is about. */
  Stream: 3,
} as const

export type MessageLane = (typeof MessageLane)[keyof typeof MessageLane]

export function laneOf(message: RtmpMessage): MessageLane {
  switch (message.messageTypeId) {
    case MessageType.SetChunkSize:
    case MessageType.Abort:
    case MessageType.Acknowledgement:
    case MessageType.WindowAcknowledgementSize:
    case MessageType.SetPeerBandwidth:
      return MessageLane.Control
    case MessageType.UserControl:
      return isPing(message) ? MessageLane.Control : MessageLane.Stream
    case MessageType.Audio:
      return MessageLane.Audio
    case MessageType.CommandAmf0:
    case MessageType.CommandAmf3:
    case MessageType.SharedObjectAmf0:
    case MessageType.SharedObjectAmf3:
      return message.messageStreamId === 0 ? MessageLane.Connection : MessageLane.Stream
    default:
      return MessageLane.Stream
  }
}

/** True for what may not be overtaken by media: it tells what the media after it belongs to. */
export function isBarrier({ messageTypeId }: RtmpMessage): boolean {
  return (
    messageTypeId === MessageType.CommandAmf0 ||
    messageTypeId === MessageType.CommandAmf3 ||
    messageTypeId === MessageType.UserControl
  )
}

function isPing({ payload }: RtmpMessage): boolean {
  const event = parseUserControl(payload)
  return event?.type === 'PingRequest' || event?.type === 'PingResponse'
}

import { ChunkStreamId, chunkStreamIdFor } from './chunk-stream-id.ts'
import { MessageType, type RtmpMessage } from './message.ts'
import { parseUserControl } from './user-control.ts'

/** Waiting messages are sent lane by lane, in the order of these lanes; within a lane in order of arrival. */
export const MessageLane = {
  /** Messages for the connection itself: protocol control and pings. */
  Control: 0,
  /** Commands and answers of the NetConnection, shared objects. */
  Connection: 1,
  Audio: 2,
  /** Video, data, and messages about a stream, which have to come after the media that they are about. */
  Stream: 3,
} as const

export type MessageLane = (typeof MessageLane)[keyof typeof MessageLane]

/** The lane of a message: the same for all messages of a chunk stream, except control messages. */
export function laneOf(message: RtmpMessage): MessageLane {
  switch (chunkStreamIdFor(message.messageTypeId, message.messageStreamId)) {
    case ChunkStreamId.Control:
      return isAboutStreams(message) ? MessageLane.Stream : MessageLane.Control
    case ChunkStreamId.Connection:
      return MessageLane.Connection
    case ChunkStreamId.Audio:
      return MessageLane.Audio
    default:
      return MessageLane.Stream
  }
}

/** True for messages that media may not overtake, because they tell what the media after them belongs to. */
export function isBarrier({ messageTypeId }: RtmpMessage): boolean {
  return (
    messageTypeId === MessageType.CommandAmf0 ||
    messageTypeId === MessageType.CommandAmf3 ||
    messageTypeId === MessageType.UserControl
  )
}

/**
 * True for User Control except pings, and for Abort, which would cut off a message under way if it overtook others.
 */
function isAboutStreams({ messageTypeId, payload }: RtmpMessage): boolean {
  if (messageTypeId !== MessageType.UserControl) return messageTypeId === MessageType.Abort
  const event = parseUserControl(payload)
  return event?.type !== 'PingRequest' && event?.type !== 'PingResponse'
}

import { ChunkStreamId, chunkStreamIdFor } from './chunk-stream-id.ts'
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

/** The lane of a message: one for all of a chunk stream, but for control messages. */
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

/** True for what may not be overtaken by media: it tells what the media after it belongs to. */
export function isBarrier({ messageTypeId }: RtmpMessage): boolean {
  return (
    messageTypeId === MessageType.CommandAmf0 ||
    messageTypeId === MessageType.CommandAmf3 ||
    messageTypeId === MessageType.UserControl
  )
}

/** True for user control but pings, and for an Abort: ahead of others it would cut off what is under way. */
function isAboutStreams({ messageTypeId, payload }: RtmpMessage): boolean {
  if (messageTypeId !== MessageType.UserControl) return messageTypeId === MessageType.Abort
  const event = parseUserControl(payload)
  return event?.type !== 'PingRequest' && event?.type !== 'PingResponse'
}

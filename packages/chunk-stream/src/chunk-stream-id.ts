import { MessageType } from './message.ts'

/** The chunk stream ids we send on. All have a one-byte basic header and are accepted by servers that allow only 32. */
export const ChunkStreamId = {
  Control: 2,
  /** NetConnection commands and shared objects. */
  Connection: 3,
  Audio: 4,
  Data: 5,
  Video: 6,
  /** NetStream commands. */
  Stream: 8,
} as const

/**
 * The chunk stream a message is sent on. One per kind, so that headers compress; NetStreams of a connection share them.
 */
export function chunkStreamIdFor(messageTypeId: number, messageStreamId: number): number {
  switch (messageTypeId) {
    case MessageType.SetChunkSize:
    case MessageType.Abort:
    case MessageType.Acknowledgement:
    case MessageType.UserControl:
    case MessageType.WindowAcknowledgementSize:
    case MessageType.SetPeerBandwidth:
      return ChunkStreamId.Control
    case MessageType.Audio:
      return ChunkStreamId.Audio
    case MessageType.Video:
    case MessageType.Aggregate:
      return ChunkStreamId.Video
    case MessageType.DataAmf0:
    case MessageType.DataAmf3:
      return ChunkStreamId.Data
    default:
      return messageStreamId === 0 ? ChunkStreamId.Connection : ChunkStreamId.Stream
  }
}

/** Message type ids (RTMP 1.0 §5.4, §6.2, §7.1). */
export const MessageType = {
  SetChunkSize: 1,
  Abort: 2,
  Acknowledgement: 3,
  UserControl: 4,
  WindowAcknowledgementSize: 5,
  SetPeerBandwidth: 6,
  Audio: 8,
  Video: 9,
  DataAmf3: 15,
  SharedObjectAmf3: 16,
  CommandAmf3: 17,
  DataAmf0: 18,
  SharedObjectAmf0: 19,
  CommandAmf0: 20,
  Aggregate: 22,
} as const

/** One of the known message type ids. */
export type MessageType = (typeof MessageType)[keyof typeof MessageType]

/** One RTMP message (RTMP 1.0 §6.1): what travels between the chunk stream and everything above it. */
export interface RtmpMessage {
  /** A {@link MessageType}; unknown values are carried, never interpreted. */
  readonly messageTypeId: number
  /** The NetStream it belongs to; 0 is the NetConnection. */
  readonly messageStreamId: number
  /** Milliseconds, unsigned 32 bit, arbitrary epoch, wraps (RTMP 1.0 §4). */
  readonly timestamp: number
  /** The body. Shared between consumers: never write into it. */
  readonly payload: Buffer
  /** True on the first message after a hole or a change of source: timestamps and references before it do not count. */
  readonly discontinuity?: boolean
}

import type { RtmpMessage } from '@rtmpipe/chunk-stream'

// A frame, little-endian:
//
//  0 u8  kind
//  1 u8  flags, see FrameFlag
//  2 u16 count    messages | index of a part
//  4 u32 seq      see FrameHead
//  8 u64 sentAt   microseconds
// 16 u32 headers  see FrameHead
// 20 u32 total    bytes of what the parts are of; 0 where there are none
// 24 messages, each { u8 messageTypeId, u8 flags, u16 0, u32 timestamp, u32 length, payload }, or a part of such bytes

/** What a frame is. */
export const FrameKind = {
  /** Messages. */
  Media: 1,
  /** A part of one message that is too long for a frame. */
  Fragment: 2,
  /** Nothing was sent for a while, and nothing is lost. */
  Tick: 3,
  /** A part of what a late one begins with, or all of it. */
  Snapshot: 4,
  /** Nothing comes any more. */
  End: 5,
} as const

export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

/** Bits of a frame's flags. */
export const FrameFlag = {
  /** There is a keyframe in it. */
  Key: 1,
  /** The last part. */
  Last: 2,
  /** Its first message comes after a hole or a change of source. */
  Discontinuity: 4,
  /** The origin leaves pictures out at the moment, because the network does not take them. */
  AudioOnly: 8,
  /** Of an end: the process is gone, not the publish ended. */
  CutOff: 16,
} as const

/** Bits of a message's flags. */
export const MessageFlag = {
  Key: 1,
  /** Configures decoders: sequence headers and the like. */
  Header: 2,
  Metadata: 4,
  Discontinuity: 8,
} as const

export const frameHeaderLength = 24
export const messageHeaderLength = 12

/** A message and what it means for who drops some. */
export interface FramedMessage extends RtmpMessage {
  /** {@link MessageFlag}s. */
  readonly flags: number
}

/** What stands in every frame. */
export interface FrameHead {
  /** {@link FrameFlag}s. */
  readonly flags: number
  /**
   * The place of the first message among all of the epoch, from 1 on, one more per message; 32 bits, which wrap. Of a
   * fragment, that of its message; of a tick and an end, that of the next message; of a snapshot, that of the last message
   * that is contained, 0 before the first.
   */
  readonly seq: number
  /** The sender's monotonic clock, milliseconds. */
  readonly sentAt: number
  /**
   * How many metadata and header messages there have been in the epoch, those in this frame included; 32 bits. Who has
   * missed messages, and finds more than it has and are in this frame, has missed some of them.
   */
  readonly headers: number
}

/** Messages that were ready together. */
export interface MediaFrame extends FrameHead {
  readonly kind: typeof FrameKind.Media
  readonly messages: readonly FramedMessage[]
}

/** A part of a message or of a snapshot: {@link Fragments} makes whole what came in parts. */
export interface PartFrame extends FrameHead {
  readonly kind: typeof FrameKind.Fragment | typeof FrameKind.Snapshot
  /** From 0 on. */
  readonly index: number
  readonly isLast: boolean
  /** Bytes of all parts. */
  readonly total: number
  readonly bytes: Buffer
}

/** A frame without messages. */
export interface SignFrame extends FrameHead {
  readonly kind: typeof FrameKind.Tick | typeof FrameKind.End
}

export type Frame = MediaFrame | PartFrame | SignFrame

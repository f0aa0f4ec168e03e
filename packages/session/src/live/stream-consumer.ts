import type { StreamCodec } from '../contract/stream-view.ts'
import type { Consumer } from './fan-out.ts'

/** A consumer that is also told when publishers come and go. */
export interface StreamConsumer extends Consumer {
  /** A publisher has come, and none was expected back: a publish begins. */
  publishStarted(): void
  /** The publish has ended, and nobody is expected back. */
  publishEnded(): void
  /** The publisher has left and is expected back: not the end for players. */
  publishLeft?(): void
  /** Told once per codec that needs Enhanced RTMP, before its media comes. */
  codecKnown?(codec: StreamCodec): void
  /** False for a subscription: it is nobody who plays. Default true. */
  readonly isViewer?: boolean
  /** True for a player that pauses: it keeps its place, and is sent nothing. Default false. */
  readonly isPausing?: boolean
  /** True when it gathers messages on its own: they come without a merge window. */
  readonly gathers?: boolean
  /** The consumer joins in the middle of a group of pictures: pictures before the next keyframe can't be decoded. */
  waitForKeyframe?(): void
}

/** The stream of a consumer. */
export interface ConsumedStream {
  /** Joins a consumer: it gets at once what late ones need to begin, then every batch. */
  attach(consumer: StreamConsumer): void
  /** A consumer leaves: it gets no more batches, and its pause is taken back. */
  detach(consumer: StreamConsumer): void
  /** Asks the publisher to pause until {@link ConsumedStream.resume}. */
  pause(consumer: object): void
  /** Takes back a pause; nothing happens when there is none. */
  resume(consumer: object): void
}

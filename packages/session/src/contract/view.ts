import type { MessageBatch } from '@rtmpipe/chunk-stream'
import type { Status } from '../protocol/status.ts'
import type { StatusError } from './errors.ts'
import type { PlayInfo } from './info.ts'

/**
 * Takes what is played, to show it to a viewer in a form of its own. It is what the connection of an RTMP player is to the
 * server: what it has not got rid of counts as queued, and the policy for slow players acts on that.
 */
export interface ViewOutput {
  /** Bytes that it has taken and the viewer has not. They get more only in {@link ViewOutput.take}. */
  readonly queuedBytes: number
  /** Bytes that were sent to the viewer so far, for counts and statistics. */
  readonly bytesSent: number
  /**
   * Takes messages that go out together, as the server hands them to its players. Viewers that keep up are given the same
   * object, so that what is made of it need be made only once. `lentMessages` are good until it returns. Must not throw.
   *
   * @returns true if nothing is queued; anything else: {@link ViewOutput.queuedBytes} is asked
   */
  // oxlint-disable-next-line typescript/no-invalid-void-type -- an output that leaves it to queuedBytes returns nothing
  take(batch: MessageBatch): boolean | void
  /** What the server tells the viewer while it plays, such as `NetStream.Play.PublishNotify`. Must not throw. */
  status?(status: Status): void
  /**
   * The view is over: nothing is taken any more. Called once, unless opening it has failed. Must not throw.
   *
   * @param reason of whoever ended it, or why it failed; undefined at the end of the publish or of the recording, and after
   *   {@link View.leave}
   */
  ended(reason: StatusError | undefined): void
}

/** A play whose messages go to a {@link ViewOutput}. */
export interface View {
  /** What is played, as plugins see it; undefined when it is over. */
  readonly play: PlayInfo | undefined
  /** To be called when {@link ViewOutput.queuedBytes} has become 0 again: what waits for that goes on. */
  drained(): void
  /** Ends it. */
  leave(): void
}

/** How much a lagging consumer may hold. */
export interface LagLimits {
  /** Bytes of payload, and 64 for each message; default 16 MiB. Consumers of one stream share their payloads. */
  readonly maxBytes: number
  /** Milliseconds between the arrivals of the oldest and the newest message, by our clock; default 5,000. */
  readonly maxDuration: number
}

/** The limits of a subscription where none are given: 16 MiB and 5,000 milliseconds. */
export const defaultLagLimits: LagLimits = { maxBytes: 16 * 1024 * 1024, maxDuration: 5_000 }

/** The messages that a slow consumer has not taken yet, and the ways to thin them out without breaking what is left. */
export interface SlowQueue {
  /** How much may wait; the policy is asked when it is more. */
  readonly limits: LagLimits
  /** Messages. */
  readonly length: number
  /** Bytes of payload, and 64 for each message. */
  readonly bytes: number
  /** Milliseconds between the arrivals of the oldest and the newest message; timestamps do not count, which may jump. */
  readonly duration: number
  /** Messages thrown away so far. */
  readonly dropped: number
  /** True while more waits than one of the limits allows. */
  readonly isOverLimit: boolean
  /**
   * True when the queue has grown by a quarter or more since the last drop, even if that drop removed nothing. A drop
   * looks at every message in the queue: a policy that drops only when this is true has a bounded cost per message,
   * even when almost nothing can be dropped.
   */
  readonly hasGrown: boolean
  /** Throws away frames that no other frame refers to. */
  dropDisposable(): void
  /**
   * Throws away video up to the newest keyframe, or all of it and what follows up to the next one. Of the headers and
   * metadata before that keyframe, only the newest of each track are kept. With several tracks, the keyframe of the
   * lowest track counts; the others go on at their next keyframe after it.
   */
  dropVideoToKeyframe(): void
  /** Throws away the audio in the older half of the messages; of its headers the newest of each track stay. */
  dropOldAudio(): void
  /** Throws away everything. */
  clear(): void
}

/** What to do after a policy has been asked. */
export type SlowVerdict = 'continue' | 'pause' | 'end'

/**
 * Decides what happens when a consumer lags past its limits. Asked whenever messages have come while it does; may thin
 * out the queue. `pause` holds the publisher until half of the queue has been taken, `end` ends the consumer.
 */
export interface SlowConsumerPolicy {
  (queue: SlowQueue): SlowVerdict
  /**
   * Nothing is lost but what the policy throws away. False lets a connection that can (RTMFP) give up what has become too
   * late on its way, and messages are handed to it sooner: `Object.assign(policy, { keeps: false })`. Default true.
   */
  readonly keeps?: boolean
}

/**
 * - `drop`: disposable frames, then video up to the newest keyframe, then old audio; the newest headers and metadata
 *   stay. Done again only when the queue has grown by a quarter. The consumer is ended when a drop leaves twice the
 *   limit of bytes. Alone of the three, it does not `keep`
 * - `backpressure`: nothing is lost, the publisher is paused
 * - `fail`: the consumer is ended
 */
export type WhenSlow = 'drop' | 'backpressure' | 'fail' | SlowConsumerPolicy

import { UsageError } from '@rtmpipe/chunk-stream'
import type { LagQueue } from './lag-queue.ts'

/** What to do after a policy has been asked. */
export type SlowVerdict = 'continue' | 'pause' | 'end'

/**
 * Decides what happens when a consumer lags past its limits. Asked after every message while it does; may thin out the
 * queue. `pause` holds the publisher until half of the queue has been taken, `end` ends the consumer.
 */
export type SlowConsumerPolicy = (queue: LagQueue) => SlowVerdict

/**
 * - `drop`: disposable frames, then video up to the newest keyframe, then old audio; never headers or metadata. Done again
 *   when a quarter more has come than was left, not before
 * - `backpressure`: nothing is lost, the publisher is paused
 * - `fail`: the consumer is ended
 */
export type WhenSlow = 'drop' | 'backpressure' | 'fail' | SlowConsumerPolicy

/** Where more than that is left by dropping, the consumer is ended: queued bytes in multiples of the limit. */
const hardLimitFactor = 2

function drop(queue: LagQueue): SlowVerdict {
  // Looking through a long queue for every message, in vain, costs more than a quarter above the limit does.
  if (!queue.hasGrown) return 'continue'
  queue.dropDisposable()
  if (queue.isOverLimit) queue.dropVideoToKeyframe()
  if (queue.isOverLimit) queue.dropOldAudio()
  return queue.bytes > hardLimitFactor * queue.limits.maxBytes ? 'end' : 'continue'
}

/** The policy behind a name. */
export function slowConsumerPolicy(whenSlow: WhenSlow): SlowConsumerPolicy {
  if (typeof whenSlow === 'function') return whenSlow
  if (whenSlow === 'drop') return drop
  if (whenSlow === 'backpressure') return () => 'pause'
  if (whenSlow === 'fail') return () => 'end'
  throw new UsageError(
    'RTMP_ERR_USAGE',
    `whenSlow: expected drop, backpressure, fail or a function, got ${String(whenSlow)}`,
  )
}

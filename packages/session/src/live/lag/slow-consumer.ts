import { UsageError } from '@rtmpipe/chunk-stream'
import type { SlowConsumerPolicy, SlowQueue, SlowVerdict, WhenSlow } from '../../contract/slow-consumer.ts'

/** A consumer is ended when dropping leaves more than this: queued bytes in multiples of the limit. */
const hardLimitFactor = 2

const drop: SlowConsumerPolicy = Object.assign(dropped, { keeps: false })

function dropped(queue: SlowQueue): SlowVerdict {
  // A quarter above the limit costs less than a vain search of a long queue for every message.
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

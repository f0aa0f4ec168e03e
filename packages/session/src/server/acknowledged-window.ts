import type { SessionLimits } from '../contract/limits.ts'

/** Enough for a line of 80 Mbit/s with a round trip of 100 ms. */
const most = 1024 * 1024
const least = 128 * 1024

/**
 * Bytes that may be on their way to a client whose transport does not pace, before more counts as not taken: not more than
 * half of what may wait for a player.
 */
export function maxUnacknowledged({ maxPlayerQueueBytes }: SessionLimits): number {
  return Math.min(Math.max(Math.trunc(maxPlayerQueueBytes / 2), least), most)
}

/** The window in which such a client is to acknowledge: several acknowledgements fit into what may be on its way. */
export function acknowledgedWindow(limits: SessionLimits): number {
  return Math.trunc(maxUnacknowledged(limits) / 4)
}

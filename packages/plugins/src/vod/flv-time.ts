/**
 * Milliseconds from one timestamp to another, below 0 if that is earlier. Timestamps have 32 bits (FLV 10.1 §E.4.1) and go on
 * with 0 behind the last one, so the nearer way between the two counts.
 */
export function timeSince(first: number, timestamp: number): number {
  return (timestamp - first) | 0
}

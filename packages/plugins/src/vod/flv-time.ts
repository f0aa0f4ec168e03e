/**
 * Milliseconds from the beginning of a film. Timestamps have 32 bits (FLV 10.1 §E.4.1) and go on with 0 behind the last one,
 * so the nearer way between the two counts. What is before the beginning, such as a header at 0, is at it.
 */
export function sinceBeginning(timestamp: number, firstTimestamp: number): number {
  return Math.max(0, (timestamp - firstTimestamp) | 0)
}

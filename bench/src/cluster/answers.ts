/** What an origin says when it is asked. */
export interface OriginAnswer {
  /** Of payload that has been made since the question before. */
  readonly bytes: number
}

/** What an edge says when it is asked. */
export interface EdgeAnswer extends OriginAnswer {
  /** Milliseconds since the question before, of each message; none before the first. */
  readonly latencies: readonly number[]
  /** Holes, losses and what was too late, since its start. */
  readonly faults: number
  /** Streams of which something came. */
  readonly streams: number
}

/** For a node: answers whoever started it from now on. */
export function answerWith(answer: () => OriginAnswer): void {
  process.on('message', () => process.send?.(answer()))
  process.send?.('ready')
}

/** What has gone wrong on the way of streams to this node, since it began. */
export interface EdgeCounts {
  /** Times that messages were missing, and video waited for the next keyframe. */
  readonly holes: number
  /** Times that what came, or had been waiting here, was too old and thrown away. */
  readonly late: number
  /** Times that an origin was asked again for a stream that had been joined. */
  readonly rejoins: number
  /** Joined streams that were lost while their publish was not known to have ended. */
  readonly lost: number
  /** Times that a stream was not joined because the node held too much of others that had not been read. */
  readonly refused: number
}

/** {@link EdgeCounts} while they grow. */
export type GrowingCounts = { -readonly [Name in keyof EdgeCounts]: number }

export function newCounts(): GrowingCounts {
  return { holes: 0, late: 0, rejoins: 0, lost: 0, refused: 0 }
}

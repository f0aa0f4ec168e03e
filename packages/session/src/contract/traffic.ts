/** All that came and went by one transport since the server's start, connections that are gone included. */
export interface Traffic {
  /** Connections that were accepted. */
  readonly accepted: number
  /** Bytes received from them, handshakes included. */
  readonly received: number
  /** Bytes sent to them, handshakes included. */
  readonly sent: number
  /**
   * How many of them have closed, by the code of the error that each one ended with: one of ours (`RTMP_ERR_…`) or one of
   * the system's (`ECONNRESET`). '' is for those that ended without an error, whoever ended them, `OTHER` for errors without a code.
   */
  readonly closed: ReadonlyMap<string, number>
}

/** Messages by their kind. */
export interface MessageCounts {
  /** Audio. */
  readonly audio: number
  /** Video. */
  readonly video: number
  /** Data, such as metadata. */
  readonly data: number
}

/** Messages of live streams that players were not sent since the server's start, by the reason. */
export interface DroppedMessages {
  /** Thrown out of the queue of a player that did not keep up. */
  readonly lag: MessageCounts
  /** Left out because the player had no picture that they depend on: after a drop, or where it joined. */
  readonly keyframe: MessageCounts
}

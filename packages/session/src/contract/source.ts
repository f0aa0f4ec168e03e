import type { Readable } from 'node:stream'

/**
 * What a `sourcePlay` hook supplies. A bare Readable of messages is a private source.
 *
 * - `shared`: opened once per stream name however many players wait; feeds a live stream all of them share; destroyed
 *   when its last consumer has left, be it a player or a subscription. A player that pauses has not left.
 * - `private`: one player's own, with optional seek and pause. It is destroyed when the play ends, and at once when it is
 *   answered too late: the player has left, wants something else, or the deadline has passed.
 */
export type Source = SharedSource | PrivateSource

/** Feeds one live stream for all who play a name. */
export interface SharedSource {
  readonly kind: 'shared'
  /** Milliseconds it stays open after the last player or subscription has left. Default 0. */
  readonly linger?: number
  /** Open it again when it has ended without an error and players stay; they are told of the end. Default false. */
  readonly reopen?: boolean
  /** Begins: a Readable of messages. */
  open(): Readable
}

/** Feeds one player. */
export interface PrivateSource {
  readonly kind: 'private'
  /** Messages in timestamp order; ended when there are no more. */
  readonly messages: Readable
  /**
   * Goes to the keyframe at or before `timestamp` (milliseconds). Resolves with the position it found. The first
   * message from there is marked as a `discontinuity`; messages that were read before the seek are not sent any more.
   */
  seek?(timestamp: number): Promise<number>
}

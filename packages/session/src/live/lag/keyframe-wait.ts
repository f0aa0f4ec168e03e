import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { videoTracks } from '@rtmpipe/flv'
import { isPictureRole, MediaRole } from '../../protocol/media-role.ts'
import { pictureTracks } from '../../protocol/message-tracks.ts'

const groups = 3

/**
 * Leaves out pictures that depend on a missing one: each track goes on at its own next keyframe.
 *
 * Without multitrack messages the wait is over at the first keyframe. With them, it is not known which tracks there
 * are, and the first group of pictures may come from a cache that left tracks out. So the wait lasts a whole group
 * more: until the third keyframe of the lowest track, and longer while other tracks wait. A track without a picture in
 * that time counts as ended.
 */
export class KeyframeWait {
  #isOver = true
  #isMultitrack = false
  #lowest = Infinity
  /** Keyframes of the lowest track. */
  #groups = 0
  readonly #resumed = new Set<number>()
  /** Tracks with a picture left out, and no keyframe after it. */
  readonly #lost = new Set<number>()

  /** Whether pictures of all tracks go on. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** A picture is missing: all tracks wait. */
  begin(): void {
    this.#isOver = this.#isMultitrack = false
    this.#lowest = Infinity
    this.#groups = 0
    this.#resumed.clear()
    this.#lost.clear()
  }

  /** Learns of the tracks of a picture or header, which is left out if it is a picture. */
  see(message: RtmpMessage): void {
    this.#isMultitrack ||= videoTracks(message.payload).length > 0
    for (const { trackId } of pictureTracks(message)) {
      if (trackId >= this.#lowest) continue
      this.#lowest = trackId
      this.#groups = 0
    }
  }

  /** True if the message may be sent. To be called for every message until the wait is over. */
  admits(message: RtmpMessage, role: MediaRole): boolean {
    if (this.#isOver) return true
    const isPicture = isPictureRole(role)
    // Headers tell of tracks before their pictures come.
    if (isPicture || role === MediaRole.VideoHeader) this.see(message)
    if (!isPicture) return true
    const tracks = pictureTracks(message)
    if (role === MediaRole.Keyframe) {
      this.#resume(tracks)
      return true
    }
    if (tracks.every(({ trackId }) => this.#resumed.has(trackId))) return true
    // For tracks that could go on, this message is a hole.
    for (const { trackId } of tracks) {
      this.#resumed.delete(trackId)
      this.#lost.add(trackId)
    }
    return false
  }

  /** Goes on only with tracks that the other wait goes on with too; that one has seen later messages. */
  restrictTo(other: KeyframeWait): void {
    if (other.#isOver) return
    this.#isOver = false
    this.#isMultitrack ||= other.#isMultitrack
    this.#groups = 0
    for (const trackId of this.#resumed) if (!other.#resumed.has(trackId)) this.#resumed.delete(trackId)
  }

  #resume(tracks: readonly { readonly trackId: number }[]): void {
    const isNewGroup = tracks.some(({ trackId }) => trackId === this.#lowest)
    if (isNewGroup) this.#groups += 1
    for (const { trackId } of tracks) {
      this.#resumed.add(trackId)
      this.#lost.delete(trackId)
    }
    this.#isOver = !this.#isMultitrack || (isNewGroup && this.#groups >= groups && this.#lost.size === 0)
    // Ended tracks stop waiting; a track that has not ended is back with its next picture.
    if (isNewGroup) this.#lost.clear()
  }
}

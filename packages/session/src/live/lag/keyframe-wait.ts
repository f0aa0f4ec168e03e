import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { videoTracks } from '@rtmpipe/flv'
import { isPictureRole, MediaRole } from '../../protocol/media-role.ts'
import { pictureTracks } from '../../protocol/message-tracks.ts'

const groups = 3

/**
 * Leaves out the pictures that need one which is missing: each track goes on at its own next keyframe.
 *
 * Without multitrack messages it is over with the first keyframe. With them nobody says which tracks there are, so it
 * lasts for a whole group of pictures after the first, which may have come from a cache that left tracks out: until the
 * lowest track has its third keyframe, and on while others wait. A track without a picture in that time is taken for one
 * that has ended.
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

  get isOver(): boolean {
    return this.#isOver
  }

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

  /** True if the message may be sent. To be asked for every one, until it is over. */
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
    // For those that could go on, this is a hole.
    for (const { trackId } of tracks) {
      this.#resumed.delete(trackId)
      this.#lost.add(trackId)
    }
    return false
  }

  /** Goes on only with tracks that the other, which has seen what comes after, goes on with too. */
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
    // Those that have ended wait no longer; those that have not are back with their next picture.
    if (isNewGroup) this.#lost.clear()
  }
}

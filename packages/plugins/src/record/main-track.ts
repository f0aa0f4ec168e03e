import { isKeyframe, isPicture, isVideoSequenceHeader, TagType, videoTracks } from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'

/** Tells the keyframes at which a file may begin: those of the lowest track that there is, which is 0 where there is one. */
export class MainTrack {
  #lowest = Infinity

  /** Learns of the tracks of pictures and of their sequence headers. True for a keyframe of the main one. */
  isKeyframe(message: RtmpMessage): boolean {
    const { messageTypeId, payload } = message
    const isHeader = messageTypeId === TagType.Video && isVideoSequenceHeader(payload)
    if (!isHeader && !isPicture(message)) return false
    const tracks = videoTracks(payload)
    const ids = tracks.length === 0 ? zero : tracks.map(({ trackId }) => trackId)
    this.#lowest = Math.min(this.#lowest, ...ids)
    return !isHeader && isKeyframe(payload) && ids.includes(this.#lowest)
  }
}

const zero: readonly number[] = [0]

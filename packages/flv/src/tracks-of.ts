import type { MediaMessage } from './media-message.ts'
import { TagType } from './tag-type.ts'
import { audioTracks, type TrackInfo, videoTracks } from './track-info.ts'

// Asked once per message: nothing is allocated but for multitrack ones.
const sound: readonly number[] = [TagType.Audio]
const pictures: readonly number[] = [TagType.Video]
const none: readonly number[] = []

/** The tracks in a message, each as a number among those of audio and video together. Data are in none. */
export function tracksOf({ messageTypeId, payload }: MediaMessage): readonly number[] {
  if (messageTypeId === TagType.Audio) return numbersOf(audioTracks(payload), messageTypeId) ?? sound
  if (messageTypeId === TagType.Video) return numbersOf(videoTracks(payload), messageTypeId) ?? pictures
  return none
}

function numbersOf(tracks: readonly TrackInfo[], messageTypeId: number): readonly number[] | undefined {
  return tracks.length === 0 ? undefined : tracks.map(({ trackId }) => messageTypeId + 256 * trackId)
}

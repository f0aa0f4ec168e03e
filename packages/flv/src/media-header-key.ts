import { parseAudioHeader } from './audio-header.ts'
import type { MediaBody } from './message-kind.ts'
import { TagType } from './tag-type.ts'
import { parseVideoHeader } from './video-header.ts'

/**
 * The same for two headers of which the later one takes the place of the earlier: those that say the same kind of thing of the
 * same tracks, whatever the codec.
 *
 * @param header a message that `isMediaHeader` is true for
 */
export function mediaHeaderKey({ messageTypeId, payload }: MediaBody): string {
  const parsed = messageTypeId === TagType.Video ? parseVideoHeader(payload) : parseAudioHeader(payload)
  const tracks = parsed?.tracks.map(({ trackId }) => trackId) ?? []
  return `${messageTypeId} ${parsed?.packetType} ${tracks.join()}`
}

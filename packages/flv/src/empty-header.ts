import { parseAudioHeader } from './audio-header.ts'
import type { MediaBody } from './message-kind.ts'
import { TagType } from './tag-type.ts'
import { parseVideoHeader } from './video-header.ts'

/** Codecs whose decoders need no header. */
const headerless: ReadonlySet<string> = new Set(['ac-3', 'ec-3', 'mp3'])
/** Bytes before the data of a message of one track: AAC, AVC with its composition time, Enhanced. */
const aacHead = 2
const avcHead = 5
const enhancedHead = 5

/**
 * True for a sequence header that configures nothing, because its data are missing: some encoders send such ones in the
 * midst of a stream. They must not take the place of one that says something.
 *
 * @param message one that is a sequence header
 * @param trackId the track that is meant; default all of them
 */
export function isEmptyHeader({ messageTypeId, payload }: MediaBody, trackId?: number): boolean {
  const isVideo = messageTypeId === TagType.Video
  const header = isVideo ? parseVideoHeader(payload) : parseAudioHeader(payload)
  if (header?.enhanced === true) {
    return header.tracks.every(
      track =>
        (trackId !== undefined && track.trackId !== trackId) ||
        (!headerless.has(track.codec) && track.bodyStart === track.bodyEnd),
    )
  }
  const first = payload[0] ?? 0
  // Without a header it is cut short, or of an unknown codec.
  if (isVideo ? first >= 0x80 : first >> 4 === 9) return payload.length <= enhancedHead
  return payload.length <= (isVideo ? avcHead : aacHead) && !payload.subarray(2).some(byte => byte !== 0)
}

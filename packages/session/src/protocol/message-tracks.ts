import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { audioTracks, parseAudioTag, parseVideoTag, type TrackInfo, videoTracks } from '@rtmpipe/flv'

/** Number of audio tracks, and of video tracks, of a stream that are cached; further tracks are only relayed. */
export const maxCachedTracks = 32

/** A track of a sequence header or of a configuration, and its codec. */
export interface ConfiguredTrack {
  readonly trackId: number
  /** A FourCC, or a name for a legacy codec. */
  readonly codec: string
}

/** What {@link pictureTracks} gives for a message that is not multitrack. */
export const trackZero: readonly Pick<TrackInfo, 'trackId'>[] = Object.freeze([{ trackId: 0 }])

/** The tracks of a video message: 0 if it is not multitrack. Asked per message: allocates nothing then. */
export function pictureTracks({ payload }: RtmpMessage): readonly Pick<TrackInfo, 'trackId'>[] {
  const tracks = videoTracks(payload)
  return tracks.length === 0 ? trackZero : tracks
}

/** The tracks that a header or a configuration is for, with their codecs. Not for the hot path. */
export function configuredTracks({ messageTypeId, payload }: RtmpMessage): readonly ConfiguredTrack[] {
  const isVideo = messageTypeId === MessageType.Video
  const tracks = isVideo ? videoTracks(payload) : audioTracks(payload)
  if (tracks.length > 0) return tracks.map(({ trackId, fourCc }) => ({ trackId, codec: fourCc }))
  return [{ trackId: 0, codec: isVideo ? videoCodec(payload) : audioCodec(payload) }]
}

function videoCodec(payload: Uint8Array): string {
  const tag = parseVideoTag(payload)
  if (tag.kind === 'enhanced') return tag.tracks[0]?.fourCc ?? ''
  return tag.kind === 'legacy' ? `legacy ${tag.codecId}` : ''
}

function audioCodec(payload: Uint8Array): string {
  const tag = parseAudioTag(payload)
  if (tag.kind === 'enhanced') return tag.tracks[0]?.fourCc ?? ''
  return tag.kind === 'legacy' ? `legacy ${tag.soundFormat}` : ''
}

import { videoTracks } from '@rtmpipe/flv'
import { MediaRole, type RtmpMessage } from '@rtmpipe/session'

/** True for a keyframe of the default track: a file may begin there. */
export function isMainKeyframe({ payload }: RtmpMessage, role: MediaRole): boolean {
  if (role !== MediaRole.Keyframe) return false
  const tracks = videoTracks(payload)
  return tracks.length === 0 || tracks.some(({ trackId }) => trackId === 0)
}

import { isCodedAudio, isCodedVideo, videoTracks } from '@rtmpipe/flv'
import { MediaRole, type RtmpMessage } from '@rtmpipe/session'

const audio = 8
const video = 9

/** True for sound and pictures: neither headers nor data. */
export function isFrame(message: RtmpMessage): boolean {
  return isSound(message) || isPicture(message)
}

export function isSound({ messageTypeId, payload }: RtmpMessage): boolean {
  return messageTypeId === audio && isCodedAudio(payload)
}

export function isPicture({ messageTypeId, payload }: RtmpMessage): boolean {
  return messageTypeId === video && isCodedVideo(payload)
}

/** True for a keyframe of the default track: a file may begin there. */
export function isMainKeyframe({ payload }: RtmpMessage, role: MediaRole): boolean {
  if (role !== MediaRole.Keyframe) return false
  const tracks = videoTracks(payload)
  return tracks.length === 0 || tracks.some(({ trackId }) => trackId === 0)
}

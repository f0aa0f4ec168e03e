import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { isAudioSequenceHeader, isDisposable, isKeyframe, isVideoSequenceHeader } from '@rtmpipe/flv'

/** What a message means to a live stream: which may be dropped, which must be kept, which starts a group of pictures. */
export const MediaRole = {
  Other: 0,
  Metadata: 1,
  AudioHeader: 2,
  VideoHeader: 3,
  Audio: 4,
  Keyframe: 5,
  Interframe: 6,
  Disposable: 7,
} as const

export type MediaRole = (typeof MediaRole)[keyof typeof MediaRole]

// An AMF0 string marker, the length 10 and the name.
const onMetaData = Buffer.from('\x02\x00\x0aonMetaData', 'latin1')

/** Reads the first bytes of a body, no more: cheap enough to ask per message. */
export function mediaRole(message: RtmpMessage): MediaRole {
  const { payload } = message
  switch (message.messageTypeId) {
    case MessageType.Audio:
      return isAudioSequenceHeader(payload) ? MediaRole.AudioHeader : MediaRole.Audio
    case MessageType.Video:
      if (isKeyframe(payload)) return MediaRole.Keyframe
      if (isVideoSequenceHeader(payload)) return MediaRole.VideoHeader
      return isDisposable(payload) ? MediaRole.Disposable : MediaRole.Interframe
    case MessageType.DataAmf0:
      return payload.subarray(0, onMetaData.length).equals(onMetaData) ? MediaRole.Metadata : MediaRole.Other
    default:
      return MediaRole.Other
  }
}

/** True for coded video, which depends on the frames before it unless it is a keyframe. */
export function isCodedVideo(role: MediaRole): boolean {
  return role >= MediaRole.Keyframe
}

/** True for what streams are made of. */
export function isStreamMessage({ messageTypeId }: RtmpMessage): boolean {
  return (
    messageTypeId === MessageType.Audio || messageTypeId === MessageType.Video || messageTypeId === MessageType.DataAmf0
  )
}

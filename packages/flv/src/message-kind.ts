import { parseAudioHeader } from './audio-header.ts'
import { isAudioSequenceHeader, isCodedAudio } from './audio-role.ts'
import type { MediaMessage } from './media-message.ts'
import { AudioPacketType, VideoPacketType } from './packet-type.ts'
import { TagType } from './tag-type.ts'
import { parseVideoHeader } from './video-header.ts'
import { isCodedVideo, isVideoSequenceHeader } from './video-role.ts'

/** Type and body of a message, or of a tag. */
export type MediaBody = Pick<MediaMessage, 'messageTypeId' | 'payload'>

// An AMF0 string marker, the length 10 and the name.
const onMetaData = Buffer.from('\x02\x00\x0aonMetaData', 'latin1')

/** True for an audio message with sound in it. */
export function isSound({ messageTypeId, payload }: MediaBody): boolean {
  return messageTypeId === TagType.Audio && isCodedAudio(payload)
}

/** True for a video message with a picture in it. */
export function isPicture({ messageTypeId, payload }: MediaBody): boolean {
  return messageTypeId === TagType.Video && isCodedVideo(payload)
}

/** True for sound and pictures: neither headers nor data. */
export function isFrame(message: MediaBody): boolean {
  return isSound(message) || isPicture(message)
}

/** True for what a decoder has to know before it can begin anywhere in a file: sequence headers, channels and colors. */
export function isMediaHeader({ messageTypeId, payload }: MediaBody): boolean {
  switch (messageTypeId) {
    case TagType.Audio:
      return isAudioSequenceHeader(payload) || (!isCodedAudio(payload) && isChannels(payload))
    case TagType.Video:
      return isVideoSequenceHeader(payload) || (!isCodedVideo(payload) && isColors(payload))
    default:
      return false
  }
}

/** True for `onMetaData`, told by its first bytes. */
export function isMetadata({ messageTypeId, payload }: MediaBody): boolean {
  return messageTypeId === TagType.Script && startsWithMetadata(payload)
}

/** True where the name `onMetaData` is. */
export function startsWithMetadata(payload: Buffer, offset = 0): boolean {
  return onMetaData.equals(payload.subarray(offset, offset + onMetaData.length))
}

function isChannels(payload: Buffer): boolean {
  return parseAudioHeader(payload)?.packetType === AudioPacketType.MultichannelConfig
}

function isColors(payload: Buffer): boolean {
  return parseVideoHeader(payload)?.packetType === VideoPacketType.Metadata
}

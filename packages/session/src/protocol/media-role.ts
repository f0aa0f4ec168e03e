import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import {
  AudioPacketType,
  isAudioSequenceHeader,
  isCodedAudio,
  isCodedVideo,
  isDisposable,
  isKeyframe,
  isMetadata,
  isVideoSequenceHeader,
  parseAudioTag,
  parseVideoTag,
  SoundFormat,
  VideoPacketType,
} from '@rtmpipe/flv'
import { isDataHeader } from './data-header.ts'

/** What a message means to a live stream: whether it may be dropped, must be kept, or starts a group of pictures. */
export const MediaRole = {
  Other: 0,
  Metadata: 1,
  /** What is said of tracks that come as data, and their headers. */
  DataHeader: 2,
  AudioHeader: 3,
  VideoHeader: 4,
  /** Which channels there are (AudioPacketType.MultichannelConfig). */
  AudioChannels: 5,
  /** Which colors there are (VideoPacketType.Metadata). */
  VideoColors: 6,
  Audio: 7,
  Keyframe: 8,
  Interframe: 9,
  Disposable: 10,
} as const

export type MediaRole = (typeof MediaRole)[keyof typeof MediaRole]

/** Reads the first bytes of a body, no more: cheap enough to ask per message. */
export function mediaRole(message: RtmpMessage): MediaRole {
  const { payload } = message
  switch (message.messageTypeId) {
    case MessageType.Audio:
      if (isAudioSequenceHeader(payload)) return MediaRole.AudioHeader
      return isChannels(payload) ? MediaRole.AudioChannels : MediaRole.Audio
    case MessageType.Video:
      if (isKeyframe(payload)) return MediaRole.Keyframe
      if (isVideoSequenceHeader(payload)) return MediaRole.VideoHeader
      if (isDisposable(payload)) return MediaRole.Disposable
      return isColors(payload) ? MediaRole.VideoColors : MediaRole.Interframe
    case MessageType.DataAmf0:
      if (isMetadata(message)) return MediaRole.Metadata
      return isDataHeader(payload) ? MediaRole.DataHeader : MediaRole.Other
    default:
      return MediaRole.Other
  }
}

// The first byte is enough for most messages. The packet type is read only of messages with tracks or ModEx.

function isChannels(payload: Uint8Array): boolean {
  const first = payload[0] ?? 0
  if (first >> 4 !== SoundFormat.ExHeader || isPlain(first) || isCodedAudio(payload)) return false
  const tag = parseAudioTag(payload)
  return tag.kind === 'enhanced' && tag.packetType === AudioPacketType.MultichannelConfig
}

function isColors(payload: Uint8Array): boolean {
  const first = payload[0] ?? 0
  if (first < 0x80 || isPlain(first) || isCodedVideo(payload)) return false
  const tag = parseVideoTag(payload)
  return tag.kind === 'enhanced' && tag.packetType === VideoPacketType.Metadata
}

/** True for the packet types below those of configurations, tracks and ModEx. */
function isPlain(first: number): boolean {
  return (first & 0x0f) < AudioPacketType.MultichannelConfig
}

/** True for coded video, which depends on the frames before it unless it is a keyframe. */
export function isPictureRole(role: MediaRole): boolean {
  return role >= MediaRole.Keyframe
}

/** True for messages that configure decoders, of any track: they are never left out, and kept for late players. */
export function isConfiguration(role: MediaRole): boolean {
  return role >= MediaRole.DataHeader && role <= MediaRole.VideoColors
}

/** True for audio, video and data, of which streams are made. */
export function isStreamMessage({ messageTypeId }: RtmpMessage): boolean {
  return (
    messageTypeId === MessageType.Audio || messageTypeId === MessageType.Video || messageTypeId === MessageType.DataAmf0
  )
}

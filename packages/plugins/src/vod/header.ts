import {
  AudioPacketType,
  isAudioSequenceHeader,
  isVideoSequenceHeader,
  type MediaMessage,
  parseAudioHeader,
  parseVideoHeader,
  TagType,
  VideoPacketType,
} from '@rtmpipe/flv'

/** True for what a decoder has to know before it can begin anywhere in the file. */
export function isHeader({ messageTypeId, payload }: Pick<MediaMessage, 'messageTypeId' | 'payload'>): boolean {
  if (messageTypeId === TagType.Audio) {
    return (
      isAudioSequenceHeader(payload) || parseAudioHeader(payload)?.packetType === AudioPacketType.MultichannelConfig
    )
  }
  if (messageTypeId !== TagType.Video) return false
  return isVideoSequenceHeader(payload) || parseVideoHeader(payload)?.packetType === VideoPacketType.Metadata
}

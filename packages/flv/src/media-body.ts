import { SoundFormat, VideoCodecId } from './legacy-codec-id.ts'
import { type AudioPacketType, VideoFrameType, type VideoPacketType } from './packet-type.ts'

const enhancedVideo = 0x80

/**
 * The body of a video message of one track without reordered pictures: the few lines of `encodeVideoTag` that a live encoder
 * needs, for where size counts. H.264 in its legacy form, which all programs read; others in that of Enhanced RTMP.
 *
 * @param fourCc four ASCII characters
 * @param data a configuration record, or a picture
 */
export function videoBody(fourCc: string, isKeyframe: boolean, packetType: VideoPacketType, data: Uint8Array): Buffer {
  const frameType = (isKeyframe ? VideoFrameType.Key : VideoFrameType.Inter) << 4
  // The last three bytes are the composition time.
  if (fourCc === 'avc1') return Buffer.concat([Buffer.of(frameType | VideoCodecId.Avc, packetType, 0, 0, 0), data])
  return Buffer.concat([Buffer.of(enhancedVideo | frameType | packetType), Buffer.from(fourCc, 'latin1'), data])
}

/**
 * The body of an audio message of one track: as {@link videoBody}, with AAC (`mp4a`) in its legacy form.
 *
 * @param fourCc four ASCII characters
 * @param data a configuration record, or sound
 */
export function audioBody(fourCc: string, packetType: AudioPacketType, data: Uint8Array): Buffer {
  // AAC is told as 44 kHz, 16 bits, stereo, always.
  if (fourCc === 'mp4a') return Buffer.concat([Buffer.of((SoundFormat.Aac << 4) | 0x0f, packetType), data])
  return Buffer.concat([Buffer.of((SoundFormat.ExHeader << 4) | packetType), Buffer.from(fourCc, 'latin1'), data])
}

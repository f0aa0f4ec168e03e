import { exVideoPacketType } from './ex-packet-type.ts'
import { VideoFrameType, VideoPacketType } from './packet-type.ts'

// Asked once per message: a few bytes are read, nothing is allocated. Unknown codecs are judged by their bits.

/** True for a coded keyframe: decoding can start here, given the sequence header. A sequence header is not one. */
export function isKeyframe(payload: Uint8Array): boolean {
  return frameType(payload) === VideoFrameType.Key && isCodedVideo(payload)
}

/** True for a coded frame that no other frame needs. */
export function isDisposable(payload: Uint8Array): boolean {
  return frameType(payload) === VideoFrameType.Disposable && isCodedVideo(payload)
}

/** True for what configures the decoder: an AVC (HEVC, AV1) record, legacy or Enhanced, in any track. */
export function isVideoSequenceHeader(payload: Uint8Array): boolean {
  if (payload.length < 2 || frameType(payload) === VideoFrameType.Command) return false
  if (!isEnhanced(payload)) return hasPacketType(payload) && payload[1] === VideoPacketType.SequenceStart
  const type = exVideoPacketType(payload)
  return type === VideoPacketType.SequenceStart || type === VideoPacketType.Mpeg2TsSequenceStart
}

/** True for a picture: neither headers, ends, metadata, commands nor an empty message. */
export function isCodedVideo(payload: Uint8Array): boolean {
  if (payload.length < 2 || frameType(payload) === VideoFrameType.Command) return false
  if (!isEnhanced(payload)) return !hasPacketType(payload) || payload[1] === VideoPacketType.CodedFrames
  const type = exVideoPacketType(payload)
  return type === VideoPacketType.CodedFrames || type === VideoPacketType.CodedFramesX
}

function isEnhanced(payload: Uint8Array): boolean {
  return payload[0]! >= 0x80
}

function frameType(payload: Uint8Array): number {
  return ((payload[0] ?? 0) >> 4) & 0x07
}

// AVC has a packet type in its second byte; so have the unofficial ids of HEVC and AV1.
function hasPacketType(payload: Uint8Array): boolean {
  const codecId = payload[0]! & 0x0f
  return codecId === 7 || codecId === 12 || codecId === 13
}

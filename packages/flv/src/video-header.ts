import { int24 } from './bytes.ts'
import { fourCcVideoCodecs, legacyVideoCodecs, type VideoCodec } from './codec.ts'
import { readExHeader } from './ex-header.ts'
import type { MediaTrack } from './media-track.ts'
import { type MultitrackType, VideoFrameType, VideoPacketType } from './packet-type.ts'

/** One track's part of a video message. */
export interface VideoTrack extends MediaTrack<VideoCodec> {
  /** Milliseconds, signed, to add to the timestamp for the presentation time; 0 where there is none. */
  readonly compositionTime: number
}

/** The head of a video message, legacy or Enhanced. */
export interface VideoHeader {
  /** True for Enhanced RTMP, which names its codec by FourCC. */
  readonly enhanced: boolean
  /** Undefined for metadata, where the bits mean nothing. */
  readonly frameType: VideoFrameType | undefined
  /** What every track holds; never Multitrack or ModEx. */
  readonly packetType: VideoPacketType
  /** Undefined if it is not a multitrack message. */
  readonly multitrackType: MultitrackType | undefined
  /** Nanoseconds to add to the presentation time of this message. */
  readonly timestampOffsetNano: number
  /** Codec of the first track. */
  readonly codec: VideoCodec
  /** Composition time of the first track. */
  readonly compositionTime: number
  /** Bytes before the first track's body. */
  readonly headerLength: number
  /** At least one. A message that is not multitrack has track 0. */
  readonly tracks: readonly VideoTrack[]
}

/**
 * Reads the head of a video message (FLV 10.1 §E.4.3, Enhanced RTMP v2 "Enhanced Video"). Undefined if it is empty, cut
 * short, a command rather than a picture, or of an unknown codec or type.
 */
export function parseVideoHeader(payload: Uint8Array): VideoHeader | undefined {
  const first = payload[0] ?? 0
  return first & 0x80 ? readEnhanced(payload, (first >> 4) & 0x07) : readLegacy(payload, first >> 4, first & 0x0f)
}

function readEnhanced(payload: Uint8Array, frameTypeBits: number): VideoHeader | undefined {
  const header = readExHeader(payload, VideoPacketType.Multitrack, fourCcVideoCodecs)
  if (header === undefined || header.packetType > VideoPacketType.Mpeg2TsSequenceStart) return undefined
  const packetType = header.packetType as VideoPacketType
  const frameType = packetType === VideoPacketType.Metadata ? undefined : pictureType(frameTypeBits)
  if (frameType === undefined && packetType !== VideoPacketType.Metadata) return undefined
  const tracks: VideoTrack[] = []
  for (const { trackId, codec, bodyStart: start, bodyEnd } of header.tracks) {
    const isTimed = packetType === VideoPacketType.CodedFrames && hasCompositionTime(codec)
    const bodyStart = isTimed ? start + 3 : start
    if (bodyStart > bodyEnd) return undefined
    tracks.push({ trackId, codec, bodyStart, bodyEnd, compositionTime: isTimed ? int24(payload, start) : 0 })
  }
  const { codec, compositionTime, bodyStart: headerLength } = tracks[0]!
  const { multitrackType, timestampOffsetNano } = header
  return {
    enhanced: true,
    frameType,
    packetType,
    multitrackType,
    timestampOffsetNano,
    codec,
    compositionTime,
    headerLength,
    tracks,
  }
}

function readLegacy(payload: Uint8Array, frameTypeBits: number, codecId: number): VideoHeader | undefined {
  const codec = legacyVideoCodecs[codecId]
  const frameType = pictureType(frameTypeBits)
  if (codec === undefined || frameType === undefined) return undefined
  // AVC (and, unofficially, HEVC and AV1) has a packet type and a composition time; the older codecs have neither.
  const hasPacketType = codecId >= 7
  const headerLength = hasPacketType ? 5 : 1
  const packetType = hasPacketType ? payload[1]! : VideoPacketType.CodedFrames
  if (payload.length < headerLength || packetType > VideoPacketType.SequenceEnd) return undefined
  const compositionTime = hasPacketType && packetType === VideoPacketType.CodedFrames ? int24(payload, 2) : 0
  return {
    enhanced: false,
    frameType,
    packetType: packetType as VideoPacketType,
    multitrackType: undefined,
    timestampOffsetNano: 0,
    codec,
    compositionTime,
    headerLength,
    tracks: [{ trackId: 0, codec, compositionTime, bodyStart: headerLength, bodyEnd: payload.length }],
  }
}

function pictureType(bits: number): VideoFrameType | undefined {
  return bits >= VideoFrameType.Key && bits < VideoFrameType.Command ? (bits as VideoFrameType) : undefined
}

function hasCompositionTime(codec: VideoCodec): boolean {
  return codec === 'avc1' || codec === 'hvc1' || codec === 'vvc1'
}

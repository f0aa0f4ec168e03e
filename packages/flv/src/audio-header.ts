import { type AudioCodec, fourCcAudioCodecs, legacyAudioCodecs } from './codec.ts'
import { readExHeader } from './ex-header.ts'
import type { MediaTrack } from './media-track.ts'
import { AudioPacketType, type MultitrackType } from './packet-type.ts'

/** One track's part of an audio message. */
export interface AudioTrack extends MediaTrack<AudioCodec> {}

/** The head of an audio message, legacy or Enhanced. */
export interface AudioHeader {
  /** True for Enhanced RTMP, which names its codec by FourCC. */
  readonly enhanced: boolean
  /** What every track holds; never Multitrack or ModEx. */
  readonly packetType: AudioPacketType
  /** Undefined if it is not a multitrack message. */
  readonly multitrackType: MultitrackType | undefined
  /** Nanoseconds to add to the presentation time of this message. */
  readonly timestampOffsetNano: number
  /** Codec of the first track. */
  readonly codec: AudioCodec
  /** Bytes before the first track's body. */
  readonly headerLength: number
  /** At least one. A message that is not multitrack has track 0. */
  readonly tracks: readonly AudioTrack[]
}

const enhancedFormat = 9
const aacFormat = 10

/**
 * Reads the head of an audio message (FLV 10.1 §E.4.2, Enhanced RTMP v2 "Enhanced Audio"). Undefined if it is empty
 * (silence), cut short, or of an unknown codec or type. The rate, size and channel bits of legacy audio are not read:
 * they are fixed for AAC, and a decoder finds the truth in the data.
 */
export function parseAudioHeader(payload: Uint8Array): AudioHeader | undefined {
  const first = payload[0]
  if (first === undefined) return undefined
  return first >> 4 === enhancedFormat ? readEnhanced(payload) : readLegacy(payload, first >> 4)
}

function readEnhanced(payload: Uint8Array): AudioHeader | undefined {
  const header = readExHeader(payload, AudioPacketType.Multitrack, fourCcAudioCodecs)
  if (header === undefined || !isContent(header.packetType)) return undefined
  const { packetType, multitrackType, timestampOffsetNano, tracks } = header
  const { codec, bodyStart: headerLength } = tracks[0]!
  return { enhanced: true, packetType, multitrackType, timestampOffsetNano, codec, headerLength, tracks }
}

function readLegacy(payload: Uint8Array, format: number): AudioHeader | undefined {
  const codec = legacyAudioCodecs[format]
  const headerLength = format === aacFormat ? 2 : 1
  if (codec === undefined || payload.length < headerLength) return undefined
  const packetType = format === aacFormat ? payload[1]! : AudioPacketType.CodedFrames
  if (packetType > AudioPacketType.CodedFrames) return undefined
  return {
    enhanced: false,
    packetType: packetType as AudioPacketType,
    multitrackType: undefined,
    timestampOffsetNano: 0,
    codec,
    headerLength,
    tracks: [{ trackId: 0, codec, bodyStart: headerLength, bodyEnd: payload.length }],
  }
}

function isContent(packetType: number): packetType is AudioPacketType {
  return packetType <= AudioPacketType.SequenceEnd || packetType === AudioPacketType.MultichannelConfig
}

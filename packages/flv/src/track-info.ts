import { type ExHeader, readExHeader } from './ex-header.ts'
import { fourCcTexts } from './four-cc.ts'
import { packetTypeAt } from './mod-ex.ts'
import { AudioPacketType, VideoFrameType, VideoPacketType } from './packet-type.ts'

/** One track's part of a multitrack message, as much as a cache or a filter wants to know. */
export interface TrackInfo {
  /** 0 to 255; 0 is the default track. */
  readonly trackId: number
  /** Four characters; also of codecs that this package does not know. */
  readonly fourCc: string
  /** A `VideoPacketType` or `AudioPacketType`: that of all tracks of the message. */
  readonly packetType: number
  /** True for a coded keyframe; never for audio. */
  readonly isKeyframe: boolean
  /** True for what configures the decoder. */
  readonly isSequenceStart: boolean
}

const none: readonly TrackInfo[] = Object.freeze([])

/**
 * The tracks of a multitrack video message, in their order; empty for every other message, which one look at its first
 * byte tells, and for one that is broken. Those others are one track, 0: ask `isKeyframe` and `isVideoSequenceHeader`.
 * Bodies are not looked at.
 */
export function videoTracks(payload: Uint8Array): readonly TrackInfo[] {
  if ((payload[0] ?? 0) < 0x80) return none
  const message = readMultitrack(payload, VideoPacketType.Multitrack)
  if (message === undefined) return none
  const { packetType, tracks } = message
  const frameType = (payload[0]! >> 4) & 0x07
  if (frameType === VideoFrameType.Command && packetType !== VideoPacketType.Metadata) return none
  const isCoded = packetType === VideoPacketType.CodedFrames || packetType === VideoPacketType.CodedFramesX
  const isKeyframe = isCoded && frameType === VideoFrameType.Key
  const isSequenceStart =
    packetType === VideoPacketType.SequenceStart || packetType === VideoPacketType.Mpeg2TsSequenceStart
  return tracks.map(({ trackId, codec }) => ({ trackId, fourCc: codec, packetType, isKeyframe, isSequenceStart }))
}

/** The tracks of a multitrack audio message; otherwise as {@link videoTracks}. */
export function audioTracks(payload: Uint8Array): readonly TrackInfo[] {
  if ((payload[0] ?? 0) >> 4 !== 9) return none
  const message = readMultitrack(payload, AudioPacketType.Multitrack)
  if (message === undefined) return none
  const { packetType, tracks } = message
  const isSequenceStart = packetType === AudioPacketType.SequenceStart
  return tracks.map(({ trackId, codec }) => ({
    trackId,
    fourCc: codec,
    packetType,
    isKeyframe: false,
    isSequenceStart,
  }))
}

/** Undefined for an Enhanced message that is not multitrack, or is broken. */
export function readMultitrack(payload: Uint8Array, multitrackPacketType: number): ExHeader<string> | undefined {
  const at = packetTypeAt(payload)
  if (at < 0 || (payload[at]! & 0x0f) !== multitrackPacketType) return undefined
  return readExHeader(payload, multitrackPacketType, fourCcTexts)
}

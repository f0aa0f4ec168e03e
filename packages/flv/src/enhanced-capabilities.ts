import type { AmfObject, AmfValue } from '@rtmpipe/amf'
import {
  type FourCcInfoMap,
  formatFourCcInfoMap,
  infoOfFourCcList,
  parseFourCcInfoMap,
  parseFourCcList,
} from './four-cc-info.ts'

/** What a peer knows of Enhanced RTMP, as bits of `capsEx` (Enhanced RTMP v2, CapsExMask). */
export const CapsEx = {
  /** Connects again when asked to. */
  Reconnect: 1,
  Multitrack: 2,
  ModEx: 4,
  TimestampNanoOffset: 8,
} as const

export type CapsEx = (typeof CapsEx)[keyof typeof CapsEx]

/** What a player can do, as bits of `videoFunction`. */
export const VideoFunction = {
  /** Seeks to a frame, not to the keyframe before it. */
  ClientSeek: 1,
  ClientHdr: 2,
  /** Knows `VideoPacketType.Metadata`. */
  Metadata: 4,
  ClientLargeScaleTile: 8,
} as const

export type VideoFunction = (typeof VideoFunction)[keyof typeof VideoFunction]

/** The properties that Enhanced RTMP adds to the command object of `connect` and to its answer. */
export interface EnhancedCapabilities {
  /** Of v1: codecs, audio and video, or `*`. */
  readonly fourCcList?: readonly string[]
  /** Of v2: what it can do with video, by FourCC. */
  readonly videoFourCcInfoMap?: FourCcInfoMap
  /** Of v2: what it can do with audio, by FourCC. */
  readonly audioFourCcInfoMap?: FourCcInfoMap
  /** {@link CapsEx} bits. */
  readonly capsEx?: number
  /** {@link VideoFunction} bits. */
  readonly videoFunction?: number
}

const greatestBits = 0xffff_ffff

/** Reads them out of a command object; what is missing or makes no sense is left out. */
export function parseEnhancedCapabilities(properties: AmfObject): EnhancedCapabilities {
  const fourCcList = parseFourCcList(own(properties, 'fourCcList'))
  const videoFourCcInfoMap = parseFourCcInfoMap(own(properties, 'videoFourCcInfoMap'))
  const audioFourCcInfoMap = parseFourCcInfoMap(own(properties, 'audioFourCcInfoMap'))
  const capsEx = bits(own(properties, 'capsEx'))
  const videoFunction = bits(own(properties, 'videoFunction'))
  return {
    ...(fourCcList && { fourCcList }),
    ...(videoFourCcInfoMap && { videoFourCcInfoMap }),
    ...(audioFourCcInfoMap && { audioFourCcInfoMap }),
    ...(capsEx !== undefined && { capsEx }),
    ...(videoFunction !== undefined && { videoFunction }),
  }
}

/** The properties to send, to be spread into a command object or an answer's. */
export function formatEnhancedCapabilities(capabilities: EnhancedCapabilities): AmfObject {
  const { videoFourCcInfoMap, audioFourCcInfoMap, ...rest } = capabilities
  return {
    ...rest,
    ...(videoFourCcInfoMap && { videoFourCcInfoMap: formatFourCcInfoMap(videoFourCcInfoMap) }),
    ...(audioFourCcInfoMap && { audioFourCcInfoMap: formatFourCcInfoMap(audioFourCcInfoMap) }),
  }
}

/** What the peer said of its video codecs, by map (v2) or else by list (v1); undefined if it said nothing. */
export function videoCodecInfo(capabilities: EnhancedCapabilities): FourCcInfoMap | undefined {
  return capabilities.videoFourCcInfoMap ?? listed(capabilities)
}

/** What the peer said of its audio codecs, by map (v2) or else by list (v1); undefined if it said nothing. */
export function audioCodecInfo(capabilities: EnhancedCapabilities): FourCcInfoMap | undefined {
  return capabilities.audioFourCcInfoMap ?? listed(capabilities)
}

/** True if the peer has this bit of `capsEx`. */
export function hasCapsEx(capabilities: EnhancedCapabilities, capability: CapsEx): boolean {
  return ((capabilities.capsEx ?? 0) & capability) !== 0
}

function listed({ fourCcList }: EnhancedCapabilities): FourCcInfoMap | undefined {
  return fourCcList && infoOfFourCcList(fourCcList)
}

function own(properties: AmfObject, key: string): AmfValue {
  return Object.hasOwn(properties, key) ? properties[key] : undefined
}

function bits(value: AmfValue): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= greatestBits
    ? (value as number)
    : undefined
}

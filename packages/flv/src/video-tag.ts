import { int24 } from './bytes.ts'
import { FlvError } from './errors.ts'
import { type ExTag, type ExTrack, readExTag, writeExTag } from './ex-tag.ts'
import { VideoFourCc } from './four-cc.ts'
import { hasAvcHeader } from './legacy-codec-id.ts'
import type { EmptyTag, OpaqueTag } from './opaque-tag.ts'
import { VideoPacketType } from './packet-type.ts'
import { requireRoom } from './require-room.ts'
import { encodeVideoCommand, parseVideoCommand, type VideoCommandTag } from './video-command.ts'

/** All of a video message as values. Their `data` and `payload` are slices of the message, not copies. */
export type VideoTag = LegacyVideoTag | ExVideoTag | VideoCommandTag | EmptyTag | OpaqueTag

/** A picture, or a header of AVC, as in FLV 10.1 §E.4.3. */
export interface LegacyVideoTag {
  readonly kind: 'legacy'
  /** A `VideoFrameType`; 0 to 7. */
  readonly frameType: number
  /** A `VideoCodecId`; 0 to 15. */
  readonly codecId: number
  /** A `VideoPacketType` up to SequenceEnd for AVC and the unofficial HEVC and AV1; undefined for the others. */
  readonly packetType: number | undefined
  /** Milliseconds, signed; 0 for codecs without one. */
  readonly compositionTime: number
  /** What follows the header: the codec's own bytes. */
  readonly data: Uint8Array
}

/** Enhanced RTMP v2, "Enhanced Video". */
export interface ExVideoTag extends ExTag {
  readonly kind: 'enhanced'
  /** A `VideoFrameType`, 0 to 7; of no meaning when the packet type is Metadata. */
  readonly frameType: number
  /** One, or several in a multitrack message. */
  readonly tracks: readonly ExVideoTrack[]
}

/** One track of an {@link ExVideoTag}. */
export interface ExVideoTrack extends ExTrack {
  /** Milliseconds, signed; 0 except for coded frames of avc1, hvc1 and vvc1. */
  readonly compositionTime: number
}

const enhancedBit = 0x8
const command = 5

/**
 * Reads a video message, legacy or Enhanced; never throws. What it does not know stays as it is: unknown codecs, packet
 * types and ModEx packets as such, everything else as an {@link OpaqueTag}. {@link encodeVideoTag} gives the same bytes
 * again, always. To look at the head of a message only, `parseVideoHeader` is cheaper.
 */
export function parseVideoTag(payload: Uint8Array): VideoTag {
  const first = payload[0]
  if (first === undefined) return { kind: 'empty' }
  const frameType = (first >> 4) & 0x07
  const tag =
    (frameType === command ? parseVideoCommand(payload) : undefined) ??
    (first >> 4 >= enhancedBit ? readEnhanced(payload, frameType) : readLegacy(payload, frameType, first & 0x0f))
  return tag ?? { kind: 'opaque', payload }
}

/**
 * The message that {@link parseVideoTag} reads as this tag, in new memory. Throws {@link FlvError}
 * `RTMP_ERR_FLV_TAG_SIZE` for a value that the format has no room for.
 */
export function encodeVideoTag(tag: VideoTag): Buffer {
  switch (tag.kind) {
    case 'empty':
      return Buffer.alloc(0)
    case 'opaque':
      return Buffer.from(tag.payload)
    case 'command':
      return encodeVideoCommand(tag)
    case 'legacy':
      return writeLegacy(tag)
    case 'enhanced':
      return writeEnhanced(tag)
  }
}

function readEnhanced(payload: Uint8Array, frameType: number): ExVideoTag | undefined {
  const content = readExTag(payload, VideoPacketType.Multitrack)
  if (content === undefined) return undefined
  const { modEx, packetType, multitrackType } = content
  // A command with something behind it, which no specification has.
  if (frameType === command && packetType !== VideoPacketType.Metadata) return undefined
  const tracks: ExVideoTrack[] = []
  for (const { trackId, fourCc, data } of content.tracks) {
    const isTimed = hasCompositionTime(packetType, fourCc)
    if (isTimed && data.length < 3) return undefined
    const compositionTime = isTimed ? int24(data, 0) : 0
    tracks.push({ trackId, fourCc, compositionTime, data: isTimed ? data.subarray(3) : data })
  }
  return { kind: 'enhanced', frameType, modEx, packetType, multitrackType, tracks }
}

function writeEnhanced(tag: ExVideoTag): Buffer {
  requirePicture(tag.frameType, tag.packetType === VideoPacketType.Metadata)
  const tracks = tag.tracks.map(({ trackId, fourCc, compositionTime, data }) => {
    if (hasCompositionTime(tag.packetType, fourCc)) {
      return { trackId, fourCc, data: Buffer.concat([compositionTimeBytes(compositionTime), data]) }
    }
    requireRoom(`composition time of ${fourCc}, packet type ${tag.packetType}`, compositionTime, 0)
    return { trackId, fourCc, data }
  })
  return writeExTag(enhancedBit | tag.frameType, { ...tag, tracks }, VideoPacketType.Multitrack)
}

function readLegacy(payload: Uint8Array, frameType: number, codecId: number): LegacyVideoTag | undefined {
  if (frameType === command) return undefined
  if (!hasAvcHeader(codecId)) {
    const data = payload.subarray(1)
    return { kind: 'legacy', frameType, codecId, packetType: undefined, compositionTime: 0, data }
  }
  if (payload.length < 5) return undefined
  const packetType = payload[1]!
  return {
    kind: 'legacy',
    frameType,
    codecId,
    packetType,
    compositionTime: int24(payload, 2),
    data: payload.subarray(5),
  }
}

function writeLegacy({ frameType, codecId, packetType, compositionTime, data }: LegacyVideoTag): Buffer {
  requirePicture(frameType, false)
  requireRoom('codec id', codecId, 15)
  const first = (frameType << 4) | codecId
  if (!hasAvcHeader(codecId)) {
    requireRoom(`composition time of codec ${codecId}`, compositionTime, 0)
    return Buffer.concat([Uint8Array.of(first), data])
  }
  const type = packetType ?? VideoPacketType.CodedFrames
  requireRoom('packet type', type, 255)
  return Buffer.concat([Uint8Array.of(first, type), compositionTimeBytes(compositionTime), data])
}

function requirePicture(frameType: number, isMetadata: boolean): void {
  requireRoom('frame type', frameType, 7)
  if (frameType !== command || isMetadata) return
  throw new FlvError('RTMP_ERR_FLV_TAG_SIZE', `no room for data in a tag of frame type ${frameType}, a command`)
}

function compositionTimeBytes(milliseconds: number): Uint8Array {
  requireRoom('composition time', milliseconds, 0x7f_ffff, -0x80_0000)
  return Uint8Array.of(milliseconds >> 16, milliseconds >> 8, milliseconds)
}

function hasCompositionTime(packetType: number, fourCc: string): boolean {
  if (packetType !== VideoPacketType.CodedFrames) return false
  return fourCc === VideoFourCc.Avc || fourCc === VideoFourCc.Hevc || fourCc === VideoFourCc.Vvc
}

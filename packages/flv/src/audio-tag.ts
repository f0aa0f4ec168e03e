import { type ExContent, readExTag, writeExTag } from './ex-tag.ts'
import { SoundFormat } from './legacy-codec-id.ts'
import type { EmptyTag, OpaqueTag } from './opaque-tag.ts'
import { AudioPacketType } from './packet-type.ts'
import { requireRoom } from './require-room.ts'

/** All of an audio message as values. Their `data` and `payload` are slices of the message, not copies. */
export type AudioTag = LegacyAudioTag | ExAudioTag | EmptyTag | OpaqueTag

/** Sound, or the header of AAC, as in FLV 10.1 §E.4.2. */
export interface LegacyAudioTag {
  readonly kind: 'legacy'
  /** A `SoundFormat`, but not ExHeader; 0 to 15. */
  readonly soundFormat: number
  /** 0 is 5.5 kHz, 1 11 kHz, 2 22 kHz, 3 44 kHz. AAC always has 3. */
  readonly soundRate: number
  /** 0 is 8 bits, 1 is 16. */
  readonly soundSize: number
  /** 0 is mono, 1 stereo. AAC always has 1. */
  readonly soundType: number
  /** SequenceStart or CodedFrames for AAC, undefined for the others. */
  readonly packetType: number | undefined
  /** What follows the header: the codec's own bytes. */
  readonly data: Uint8Array
}

/** Enhanced RTMP v2, "Enhanced Audio". */
export interface ExAudioTag extends ExContent {
  readonly kind: 'enhanced'
}

/**
 * Reads an audio message, legacy or Enhanced; never throws. What it does not know stays as it is: unknown codecs, packet
 * types and ModEx packets as such, everything else as an {@link OpaqueTag}. {@link encodeAudioTag} gives the same bytes
 * again, always. To look at the head of a message only, `parseAudioHeader` is cheaper.
 */
export function parseAudioTag(payload: Uint8Array): AudioTag {
  const first = payload[0]
  if (first === undefined) return { kind: 'empty' }
  if (first >> 4 !== SoundFormat.ExHeader) return readLegacy(payload, first) ?? { kind: 'opaque', payload }
  const content = readExTag(payload, AudioPacketType.Multitrack)
  return content === undefined ? { kind: 'opaque', payload } : { kind: 'enhanced', ...content }
}

/**
 * The message that {@link parseAudioTag} reads as this tag, in new memory. Throws {@link FlvError}
 * `RTMP_ERR_FLV_TAG_SIZE` for a value that the format has no room for.
 */
export function encodeAudioTag(tag: AudioTag): Buffer {
  switch (tag.kind) {
    case 'empty':
      return Buffer.alloc(0)
    case 'opaque':
      return Buffer.from(tag.payload)
    case 'legacy':
      return writeLegacy(tag)
    case 'enhanced':
      return writeExTag(SoundFormat.ExHeader, tag, AudioPacketType.Multitrack)
  }
}

function readLegacy(payload: Uint8Array, first: number): LegacyAudioTag | undefined {
  const soundFormat = first >> 4
  const packetType = soundFormat === SoundFormat.Aac ? payload[1] : undefined
  if (soundFormat === SoundFormat.Aac && packetType === undefined) return undefined
  return {
    kind: 'legacy',
    soundFormat,
    soundRate: (first >> 2) & 0x03,
    soundSize: (first >> 1) & 0x01,
    soundType: first & 0x01,
    packetType,
    data: payload.subarray(packetType === undefined ? 1 : 2),
  }
}

function writeLegacy({ soundFormat, soundRate, soundSize, soundType, packetType, data }: LegacyAudioTag): Buffer {
  // The format between them is that of Enhanced messages.
  requireRoom('sound format', soundFormat, soundFormat < SoundFormat.ExHeader ? 8 : 15, soundFormat < 9 ? 0 : 10)
  requireRoom('sound rate', soundRate, 3)
  requireRoom('sound size', soundSize, 1)
  requireRoom('sound type', soundType, 1)
  const first = (soundFormat << 4) | (soundRate << 2) | (soundSize << 1) | soundType
  if (soundFormat !== SoundFormat.Aac) return Buffer.concat([Uint8Array.of(first), data])
  const type = packetType ?? AudioPacketType.CodedFrames
  requireRoom('packet type', type, 255)
  return Buffer.concat([Uint8Array.of(first, type), data])
}

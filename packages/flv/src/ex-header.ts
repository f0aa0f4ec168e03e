import { type FourCcTable, type MediaTrack, readTracks } from './media-track.ts'
import { modExPacketType, packetTypeAt, timestampOffsetNano } from './mod-ex.ts'
import { MultitrackType } from './packet-type.ts'

/** What Enhanced audio and video headers have in common. */
export interface ExHeader<Codec> {
  /** What the tracks hold; never Multitrack or ModEx. */
  readonly packetType: number
  readonly multitrackType: MultitrackType | undefined
  readonly timestampOffsetNano: number
  readonly tracks: readonly MediaTrack<Codec>[]
}

/** Reads ModEx packets, packet type and tracks; undefined if cut short, nested or unknown. */
export function readExHeader<Codec>(
  payload: Uint8Array,
  multitrackPacketType: number,
  codecs: FourCcTable<Codec>,
): ExHeader<Codec> | undefined {
  let at = packetTypeAt(payload)
  if (at < 0) return undefined
  const nanoseconds = timestampOffsetNano(payload, at)
  let packetType = payload[at++]! & 0x0f
  let multitrackType: MultitrackType | undefined
  if (packetType === multitrackPacketType) {
    const byte = payload[at++] ?? 0xff
    packetType = byte & 0x0f
    if (!isMultitrackType(byte >> 4) || isNested(packetType, multitrackPacketType)) return undefined
    multitrackType = (byte >> 4) as MultitrackType
  }
  const tracks = readTracks(payload, at, multitrackType, codecs)
  return tracks && { packetType, multitrackType, timestampOffsetNano: nanoseconds, tracks }
}

function isMultitrackType(value: number): boolean {
  return value <= MultitrackType.ManyTracksManyCodecs
}

// Neither may be inside a multitrack packet.
function isNested(packetType: number, multitrackPacketType: number): boolean {
  return packetType === multitrackPacketType || packetType === modExPacketType
}

import { readExHeader } from './ex-header.ts'
import { FlvError } from './errors.ts'
import { fourCcTexts, isFourCc } from './four-cc.ts'
import { modExPacketType, packetTypeAt } from './mod-ex.ts'
import { type ModEx, readModEx, writeModEx } from './mod-ex-packet.ts'
import { maxTracks } from './media-track.ts'
import { MultitrackType } from './packet-type.ts'
import { requireRoom } from './require-room.ts'

/** What Enhanced audio and video messages have in common. */
export interface ExTag {
  /** Modifiers of this message, in their order. */
  readonly modEx: readonly ModEx[]
  /** What every track holds, 0 to 15; never Multitrack or ModEx. */
  readonly packetType: number
  /** Undefined if it is not a multitrack message. */
  readonly multitrackType: MultitrackType | undefined
}

/** One track of an Enhanced message. */
export interface ExTrack {
  /** 0 to 255; 0 in a message that is not multitrack. */
  readonly trackId: number
  /** Four characters of one byte each; also of codecs that this package does not know. */
  readonly fourCc: string
  /** What follows the header, to the end of the track. */
  readonly data: Uint8Array
}

/** An {@link ExTag} with its tracks as bytes. */
export interface ExContent extends ExTag {
  /** One, or several in a multitrack message. */
  readonly tracks: readonly ExTrack[]
}

/** Undefined if it is cut short, nested or of an unknown multitrack type. Data are slices of the payload. */
export function readExTag(payload: Uint8Array, multitrackPacketType: number): ExContent | undefined {
  const header = readExHeader(payload, multitrackPacketType, fourCcTexts)
  if (header === undefined) return undefined
  const { packetType, multitrackType } = header
  return {
    modEx: readModEx(payload, packetTypeAt(payload)),
    packetType,
    multitrackType,
    tracks: header.tracks.map(({ trackId, codec, bodyStart, bodyEnd }) => ({
      trackId,
      fourCc: codec,
      data: payload.subarray(bodyStart, bodyEnd),
    })),
  }
}

/**
 * The bytes of a message. Throws {@link FlvError} `RTMP_ERR_FLV_TAG_SIZE` for what the format has no room for.
 *
 * @param firstNibble what is above the packet type in the first byte
 */
export function writeExTag(firstNibble: number, tag: ExContent, multitrackPacketType: number): Buffer {
  const { modEx, packetType, multitrackType, tracks } = tag
  requireRoom('packet type', packetType, 15)
  if (packetType === multitrackPacketType || packetType === modExPacketType) {
    throw new FlvError('RTMP_ERR_FLV_TAG_SIZE', `tracks cannot be of packet type ${packetType}`)
  }
  if (multitrackType === undefined) {
    const [track] = requireTracks(tracks, 1)
    requireRoom('track id outside of multitrack', track!.trackId, 0)
    return Buffer.concat([writeModEx(firstNibble, modEx, packetType), fourCcBytes(track!.fourCc), track!.data])
  }
  requireRoom('multitrack type', multitrackType, MultitrackType.ManyTracksManyCodecs)
  const prefix = writeModEx(firstNibble, modEx, multitrackPacketType)
  const parts: Uint8Array[] = [prefix, Uint8Array.of((multitrackType << 4) | packetType)]
  const isOne = multitrackType === MultitrackType.OneTrack
  requireTracks(tracks, isOne ? 1 : maxTracks).forEach(({ trackId, fourCc, data }, index) => {
    requireRoom('track id', trackId, 255)
    if (multitrackType === MultitrackType.ManyTracksManyCodecs || index === 0) parts.push(fourCcBytes(fourCc))
    else requireSameCodec(tracks[0]!, fourCc)
    parts.push(isOne ? Uint8Array.of(trackId) : trackHead(trackId, data.length), data)
  })
  return Buffer.concat(parts)
}

function trackHead(trackId: number, length: number): Uint8Array {
  requireRoom('track length', length, 0xff_ffff)
  return Uint8Array.of(trackId, length >> 16, length >> 8, length)
}

function requireTracks(tracks: readonly ExTrack[], greatest: number): readonly ExTrack[] {
  requireRoom('number of tracks', tracks.length, greatest, 1)
  return tracks
}

function requireSameCodec(first: ExTrack, fourCc: string): void {
  if (first.fourCc === fourCc) return
  throw new FlvError('RTMP_ERR_FLV_TAG_SIZE', `tracks of ${first.fourCc} and ${fourCc} need ManyTracksManyCodecs`)
}

function fourCcBytes(fourCc: string): Uint8Array {
  if (isFourCc(fourCc)) return Buffer.from(fourCc, 'latin1')
  throw new FlvError('RTMP_ERR_FLV_TAG_SIZE', 'a FourCC has four characters of one byte')
}

import { uint24, uint32 } from './bytes.ts'
import { MultitrackType } from './packet-type.ts'

/** One track's part of an audio or video message. */
export interface MediaTrack<Codec> {
  /** 0 is the default track; ids imply no order. */
  readonly trackId: number
  /** By its FourCC, as the table has it. */
  readonly codec: Codec
  /** Where its data begin and end in the payload: the codec's own bytes, nothing before or after them. */
  readonly bodyStart: number
  /** Where they end. */
  readonly bodyEnd: number
}

/** Track ids are 8 bits, so more tracks than this repeat one. */
export const maxTracks = 256

/** Codecs by FourCC as a big-endian number. */
export interface FourCcTable<Codec> {
  get(fourCc: number): Codec | undefined
}

/**
 * The track of a plain Enhanced message, or those of a multitrack one, from `at`, where the FourCC or the first track
 * is. Undefined if it is cut short or a codec is unknown.
 */
export function readTracks<Codec>(
  payload: Uint8Array,
  at: number,
  multitrackType: MultitrackType | undefined,
  codecs: FourCcTable<Codec>,
): MediaTrack<Codec>[] | undefined {
  const tracks: MediaTrack<Codec>[] = []
  let codec: Codec | undefined
  if (multitrackType !== MultitrackType.ManyTracksManyCodecs) {
    codec = codecAt(payload, at, codecs)
    at += 4
    if (codec === undefined) return undefined
    if (multitrackType === undefined) return [{ trackId: 0, codec, bodyStart: at, bodyEnd: payload.length }]
  }
  do {
    if (multitrackType === MultitrackType.ManyTracksManyCodecs) {
      codec = codecAt(payload, at, codecs)
      at += 4
    }
    const trackId = payload[at++]
    if (codec === undefined || trackId === undefined || tracks.length === maxTracks) return undefined
    let bodyEnd = payload.length
    if (multitrackType !== MultitrackType.OneTrack) {
      bodyEnd = at + 3 + uint24(payload, at)
      at += 3
    }
    if (bodyEnd > payload.length) return undefined
    tracks.push({ trackId, codec, bodyStart: at, bodyEnd })
    at = bodyEnd
  } while (at < payload.length)
  return tracks
}

function codecAt<Codec>(payload: Uint8Array, at: number, codecs: FourCcTable<Codec>): Codec | undefined {
  return at + 4 <= payload.length ? codecs.get(uint32(payload, at)) : undefined
}

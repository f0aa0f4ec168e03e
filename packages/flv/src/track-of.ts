import { uint32 } from './bytes.ts'
import type { ExHeader } from './ex-header.ts'
import { packetTypeAt } from './mod-ex.ts'
import { AudioPacketType, MultitrackType, VideoPacketType } from './packet-type.ts'
import { readMultitrack } from './track-info.ts'

/**
 * One track of a multitrack video message as a message of its own, for whoever does not know multitrack: its ModEx
 * packets, FourCC and data, as Enhanced RTMP without multitrack, in new memory. Undefined if the message has no such
 * track, is broken, or is not multitrack. Of tracks with the same id it is the first.
 */
export function videoTrackOf(payload: Uint8Array, trackId: number): Buffer | undefined {
  return (payload[0] ?? 0) < 0x80 ? undefined : trackOf(payload, trackId, VideoPacketType.Multitrack)
}

/** One track of a multitrack audio message as a message of its own; otherwise as {@link videoTrackOf}. */
export function audioTrackOf(payload: Uint8Array, trackId: number): Buffer | undefined {
  return (payload[0] ?? 0) >> 4 === 9 ? trackOf(payload, trackId, AudioPacketType.Multitrack) : undefined
}

function trackOf(payload: Uint8Array, trackId: number, multitrackPacketType: number): Buffer | undefined {
  const message = readMultitrack(payload, multitrackPacketType)
  const track = message?.tracks.find(each => each.trackId === trackId)
  if (message === undefined || track === undefined) return undefined
  const at = packetTypeAt(payload)
  const head = Buffer.alloc(at + 5)
  head.set(payload.subarray(0, at + 1))
  head[at] = (payload[at]! & 0xf0) | message.packetType
  head.writeUInt32BE(uint32(payload, fourCcAt(message, at, track.bodyStart)), at + 1)
  return Buffer.concat([head, payload.subarray(track.bodyStart, track.bodyEnd)])
}

/** Shared by all tracks, or before the track's id and length. */
function fourCcAt({ multitrackType }: ExHeader<string>, at: number, bodyStart: number): number {
  return multitrackType === MultitrackType.ManyTracksManyCodecs ? bodyStart - 8 : at + 2
}

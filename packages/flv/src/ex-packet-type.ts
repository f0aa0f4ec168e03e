import { packetTypeAt } from './mod-ex.ts'
import { AudioPacketType, VideoPacketType } from './packet-type.ts'

/** Packet type of an Enhanced video message, seen through ModEx and Multitrack; -1 if there is none. Allocates nothing. */
export function exVideoPacketType(payload: Uint8Array): number {
  return exPacketType(payload, VideoPacketType.Multitrack)
}

/** Packet type of an Enhanced audio message, seen through ModEx and Multitrack; -1 if there is none. Allocates nothing. */
export function exAudioPacketType(payload: Uint8Array): number {
  return exPacketType(payload, AudioPacketType.Multitrack)
}

function exPacketType(payload: Uint8Array, multitrack: number): number {
  const at = packetTypeAt(payload)
  if (at < 0) return -1
  const type = payload[at]! & 0x0f
  if (type !== multitrack) return type
  const inner = payload[at + 1]
  if (inner === undefined) return -1
  const innerType = inner & 0x0f
  // Neither may be inside a multitrack packet.
  return innerType === multitrack || innerType === VideoPacketType.ModEx ? -1 : innerType
}

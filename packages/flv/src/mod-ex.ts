import { uint16, uint24 } from './bytes.ts'

/** Packet type ModEx; audio and video have the same number for it. */
export const modExPacketType = 7
const timestampOffsetNanoType = 0

/** More ModEx packets than this before one message are refused. */
export const maxModExPackets = 8
/** Nanoseconds in a millisecond, less one: the greatest offset. */
export const maxNanoseconds = 999_999

/**
 * The byte whose low nibble is the packet type of an Enhanced message: the first, or the last byte of the ModEx packets
 * before it (Enhanced RTMP v2, "ModEx"). -1 if they are cut short or more than 8.
 */
export function packetTypeAt(payload: Uint8Array): number {
  let at = 0
  for (let packets = 0; isModEx(payload, at); packets++) {
    if (packets === maxModExPackets) return -1
    at = modExEnd(payload, at)
  }
  return at < payload.length ? at : -1
}

/** Nanoseconds to add to the presentation time; 0 when there is no such ModEx packet or its value is out of range. */
export function timestampOffsetNano(payload: Uint8Array, end: number): number {
  let nanoseconds = 0
  for (let at = 0; at < end; at = modExEnd(payload, at)) {
    if (payload[modExEnd(payload, at)]! >> 4 !== timestampOffsetNanoType || modExLength(payload, at) < 3) continue
    const value = uint24(payload, modExStart(payload, at))
    if (value <= maxNanoseconds) nanoseconds = value
  }
  return nanoseconds
}

function isModEx(payload: Uint8Array, at: number): boolean {
  return ((payload[at] ?? 0) & 0x0f) === modExPacketType
}

/** Where the data of the ModEx packet announced at `at` begin. */
export function modExStart(payload: Uint8Array, at: number): number {
  return payload[at + 1] === 0xff ? at + 4 : at + 2
}

/** Where they end: the byte there has the type of the ModEx packet above the type of the next packet. */
export function modExEnd(payload: Uint8Array, at: number): number {
  return modExStart(payload, at) + modExLength(payload, at)
}

// One byte holds lengths up to 255; 256 means that two more bytes hold it.
function modExLength(payload: Uint8Array, at: number): number {
  const length = payload[at + 1] ?? 0
  return (length === 0xff ? uint16(payload, at + 2) : length) + 1
}

import { uint24 } from './bytes.ts'
import { FlvError } from './errors.ts'
import { maxModExPackets, maxNanoseconds, modExEnd, modExPacketType, modExStart } from './mod-ex.ts'
import { ModExType } from './packet-type.ts'
import { requireRoom } from './require-room.ts'

/** One modifier of an Enhanced message, before what it modifies (Enhanced RTMP v2, "ModEx"). */
export type ModEx = TimestampOffsetNano | OpaqueModEx

/** Makes the presentation time of this message finer, not its timestamp. */
export interface TimestampOffsetNano {
  readonly kind: 'timestampOffsetNano'
  /** Added to the presentation time; 0 to 999,999. */
  readonly nanoseconds: number
}

/** A modifier of an unknown type or form. */
export interface OpaqueModEx {
  readonly kind: 'opaque'
  /** 0 to 15. */
  readonly type: number
  /** 1 to 65,536 bytes. */
  readonly data: Uint8Array
  /** True for a length in 16 bits where 8 would do. Default false. */
  readonly wide?: boolean
}

// 8 bits hold lengths from 1 to 255.
const greatestNarrow = 255

/** The modifiers before `end`, where the packet type was found. */
export function readModEx(payload: Uint8Array, end: number): ModEx[] {
  const packets: ModEx[] = []
  for (let at = 0; at < end; at = modExEnd(payload, at)) {
    const wide = payload[at + 1] === 0xff
    const data = payload.subarray(modExStart(payload, at), modExEnd(payload, at))
    const type = payload[modExEnd(payload, at)]! >> 4
    const nanoseconds = uint24(data, 0)
    if (type === ModExType.TimestampOffsetNano && data.length === 3 && !wide && nanoseconds <= maxNanoseconds) {
      packets.push({ kind: 'timestampOffsetNano', nanoseconds })
    } else {
      packets.push({ kind: 'opaque', type, data, ...(wide && data.length <= greatestNarrow && { wide }) })
    }
  }
  return packets
}

/**
 * The bytes from the first of a message to the one with its packet type. Throws {@link FlvError}
 * `RTMP_ERR_FLV_TAG_SIZE`.
 *
 * @param firstNibble what is above the packet type in the first byte
 */
export function writeModEx(firstNibble: number, packets: readonly ModEx[], packetType: number): Buffer {
  if (packets.length > maxModExPackets) {
    throw new FlvError('RTMP_ERR_FLV_TAG_SIZE', `${packets.length} ModEx packets exceed ${maxModExPackets}`)
  }
  const parts: Uint8Array[] = []
  let nibble = firstNibble
  for (const packet of packets) {
    const { type, data, wide } = opaque(packet)
    requireRoom('ModEx type', type, 15)
    requireRoom('ModEx length', data.length, 0x1_0000, 1)
    const size = data.length - 1
    const isWide = wide === true || data.length > greatestNarrow
    const first = (nibble << 4) | modExPacketType
    parts.push(isWide ? Uint8Array.of(first, 0xff, size >> 8, size) : Uint8Array.of(first, size), data)
    nibble = type
  }
  return Buffer.concat([...parts, Uint8Array.of((nibble << 4) | packetType)])
}

function opaque(packet: ModEx): OpaqueModEx {
  if (packet.kind === 'opaque') return packet
  const { nanoseconds } = packet
  requireRoom('nanosecond offset', nanoseconds, maxNanoseconds)
  const data = Uint8Array.of(nanoseconds >> 16, nanoseconds >> 8, nanoseconds)
  return { kind: 'opaque', type: ModExType.TimestampOffsetNano, data }
}

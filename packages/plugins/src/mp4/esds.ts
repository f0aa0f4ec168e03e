import { fullBox, uint16, uint32, uint8 } from './box.ts'

/** Object types of audio (ISO/IEC 14496-1 §7.2.6.6.2). */
export const mpeg4Config = { aac: 0x40, aacOfMpeg2: 0x67, mp3LowRate: 0x69, mp3: 0x6b } as const

const tags = { stream: 0x03, decoder: 0x04, specific: 0x05, syncLayer: 0x06 } as const
const audioStream = 0x15

/**
 * What an elementary stream descriptor (ISO/IEC 14496-1 §7.2.6.5) says of a decoder.
 *
 * @param body of the box `esds`
 */
export function esdsOf(body: Buffer): { readonly objectType: number; readonly config: Buffer } | undefined {
  const stream = descriptorIn(body.subarray(4), tags.stream)
  if (stream === undefined || stream.length < 3) return undefined
  const flags = stream.readUInt8(2)
  const url = (flags & 0x40) !== 0 ? 1 + (stream[3] ?? 0) : 0
  const skipped = 3 + ((flags & 0x80) !== 0 ? 2 : 0) + url + ((flags & 0x20) !== 0 ? 2 : 0)
  const decoder = descriptorIn(stream.subarray(skipped), tags.decoder)
  if (decoder === undefined || decoder.length < 13) return undefined
  const config = descriptorIn(decoder.subarray(13), tags.specific) ?? Buffer.alloc(0)
  return { objectType: decoder.readUInt8(0), config }
}

/** The box, with what a decoder wants to know. */
export function esds(objectType: number, config: Uint8Array | undefined): Buffer {
  const specific = config === undefined ? Buffer.alloc(0) : descriptor(tags.specific, config)
  // Of buffer and bit rates, nothing is known.
  const decoder = descriptor(tags.decoder, uint8(objectType, audioStream, 0, 0, 0), uint32(0, 0), specific)
  const stream = descriptor(tags.stream, uint16(0), uint8(0), decoder, descriptor(tags.syncLayer, uint8(2)))
  return fullBox('esds', 0, 0, stream)
}

/** Seven bits of the length in each byte, four bytes at most (§8.3.3). */
function descriptorIn(bytes: Buffer, tag: number): Buffer | undefined {
  for (let at = 0; at + 2 <= bytes.length; ) {
    const found = bytes.readUInt8(at)
    let length = 0
    for (let more = true, digits = 0; more && digits < 4; digits += 1) {
      at += 1
      const digit = bytes[at] ?? 0
      length = length * 0x80 + (digit & 0x7f)
      more = digit >= 0x80
    }
    at += 1
    if (found === tag) return bytes.subarray(at, at + length)
    at += length
  }
  return undefined
}

function descriptor(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const { length } = Buffer.concat(parts)
  const digits = [21, 14, 7].map(bits => ((length >> bits) & 0x7f) | 0x80)
  return Buffer.concat([uint8(tag, ...digits, length & 0x7f), ...parts])
}

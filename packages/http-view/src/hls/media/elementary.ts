import type { StreamTrack } from '@rtmpipe/plugins/mp4'

/** Makes a frame what it is where no head of a file says how to decode it. */
export type ElementaryFrame = (data: Buffer, isKey: boolean) => Buffer

const startCode = Buffer.of(0, 0, 0, 1)

/** H.264 with start codes instead of lengths (ISO/IEC 14496-10 annex B), its parameter sets before each keyframe. */
export function avcFrames({ config = Buffer.alloc(0) }: StreamTrack): ElementaryFrame {
  const record = bufferOf(config)
  const lengthSize = (record.readUInt8(4) & 3) + 1
  const sets = avcSets(record)
  return (data, isKey) => {
    const units = unitsIn(data, lengthSize).filter(unit => (unit.readUInt8(0) & 0x1f) !== 9)
    const isSet = units.some(unit => (unit.readUInt8(0) & 0x1f) === 7)
    return withStartCodes([Buffer.of(9, 0xf0), ...(isKey && !isSet ? sets : []), ...units])
  }
}

/** HEVC the same way. */
export function hevcFrames({ config = Buffer.alloc(0) }: StreamTrack): ElementaryFrame {
  const record = bufferOf(config)
  const lengthSize = (record.readUInt8(21) & 3) + 1
  const sets = hevcSets(record)
  const typeOf = (unit: Buffer) => (unit.readUInt8(0) >> 1) & 0x3f
  return (data, isKey) => {
    const units = unitsIn(data, lengthSize).filter(unit => typeOf(unit) !== 35)
    const isSet = units.some(unit => typeOf(unit) === 33)
    return withStartCodes([Buffer.of(0x46, 1, 0x50), ...(isKey && !isSet ? sets : []), ...units])
  }
}

/** AAC with a header before each frame (ISO/IEC 13818-7 §6.2). */
export function aacFrames({ config = Buffer.alloc(0) }: StreamTrack): ElementaryFrame {
  const { profile, rate, channels } = aacOf(bufferOf(config))
  return data => {
    const length = data.length + 7
    const head = Buffer.of(
      0xff,
      0xf1,
      (profile << 6) | (rate << 2) | (channels >> 2),
      ((channels & 3) << 6) | (length >> 11),
      (length >> 3) & 0xff,
      ((length & 7) << 5) | 0x1f,
      0xfc,
    )
    return Buffer.concat([head, data])
  }
}

/** Whether AAC of this configuration has such headers: not with a layout of channels of its own, or a rate. */
export function hasAacHeader(config: Uint8Array | undefined): boolean {
  if (config === undefined || config.length < 2) return false
  const { type, rate, channels } = aacOf(bufferOf(config))
  return (type <= 5 || type === 29) && rate < 13 && channels > 0
}

/** What decoders find out about SBR themselves is not said. */
function aacOf(config: Buffer) {
  const bits = config.readUInt16BE(0)
  const type = bits >> 11
  return { type, profile: (type > 4 ? 2 : type) - 1, rate: (bits >> 7) & 0xf, channels: (bits >> 3) & 0xf }
}

function unitsIn(frame: Buffer, lengthSize: number): Buffer[] {
  const units: Buffer[] = []
  for (let at = 0; at + lengthSize < frame.length; ) {
    const start = at + lengthSize
    const end = Math.min(frame.length, start + frame.readUIntBE(at, lengthSize))
    if (end > start) units.push(frame.subarray(start, end))
    at = end
  }
  return units
}

function withStartCodes(units: readonly Buffer[]): Buffer {
  return Buffer.concat(units.flatMap(unit => [startCode, unit]))
}

function avcSets(record: Buffer): Buffer[] {
  const sets: Buffer[] = []
  let at = 5
  for (const mask of [0x1f, 0xff]) {
    for (let left = (record[at++] ?? 0) & mask; left > 0 && at + 2 <= record.length; left -= 1) {
      const end = at + 2 + record.readUInt16BE(at)
      sets.push(record.subarray(at + 2, end))
      at = end
    }
  }
  return sets
}

function hevcSets(record: Buffer): Buffer[] {
  const sets: Buffer[] = []
  let at = 23
  for (let arrays = record[22] ?? 0; arrays > 0 && at + 3 <= record.length; arrays -= 1) {
    const count = record.readUInt16BE(at + 1)
    at += 3
    for (let left = count; left > 0 && at + 2 <= record.length; left -= 1) {
      const end = at + 2 + record.readUInt16BE(at)
      sets.push(record.subarray(at + 2, end))
      at = end
    }
  }
  return sets
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

import { Bits } from './bits.ts'
import type { PictureSize } from './picture-size.ts'

const sequenceHeader = 1
/** Bytes of an AV1CodecConfigurationRecord before the units in it (AV1 Codec ISO Media File Format Binding §2.3.3). */
const recordHead = 4
/** Units of a frame that are looked at; its sequence header is the first or the second. */
const maxUnits = 8
/** Bytes of a sequence header; real ones have some tens. */
const maxSequence = 0x3fff
/** Color primaries, transfer and matrix of sRGB, which has no further fields. */
const srgb = [1, 13, 0] as const

interface Av1Sequence extends PictureSize {
  /** The four bytes that begin a record. */
  readonly head: Buffer
}

/** Of the sequence header in a configuration record, which need not have one. */
export function av1Size(config: Buffer): PictureSize | undefined {
  const unit = sequenceIn(config.subarray(recordHead))
  return unit && sizeOf(unit)
}

/** The configuration that a keyframe brings along, if it is another one than that of the header. */
export function av1ConfigIn(frame: Buffer, header: Buffer | undefined): Buffer | undefined {
  const unit = sequenceIn(frame)
  if (unit === undefined || (header !== undefined && sequenceIn(header.subarray(recordHead))?.equals(unit)))
    return undefined
  if (unit.length > maxSequence) return undefined
  // Its own size follows its type, where frames may have none.
  return Buffer.concat([
    readSequence(new Bits(unit)).head,
    Buffer.of((sequenceHeader << 3) | 2),
    leb128(unit.length),
    unit,
  ])
}

/** The body of the first sequence header (AV1 §5.3). */
function sequenceIn(units: Buffer): Buffer | undefined {
  for (let [at, count] = [0, 0]; at < units.length && count < maxUnits; count += 1) {
    const head = units.readUInt8(at)
    at += (head & 4) === 0 ? 1 : 2
    let size = units.length - at
    if ((head & 2) !== 0) {
      size = 0
      for (let [shift, more] = [0, true]; more && shift < 35; shift += 7, at += 1) {
        const byte = units.readUInt8(at)
        size += (byte & 0x7f) * 2 ** shift
        more = byte >= 0x80
      }
    }
    if (at + size > units.length) return undefined
    if (((head >> 3) & 0xf) === sequenceHeader) return units.subarray(at, at + size)
    at += size
  }
  return undefined
}

function leb128(value: number): Buffer {
  return value < 0x80 ? Buffer.of(value) : Buffer.of((value & 0x7f) | 0x80, value >> 7)
}

function sizeOf(unit: Buffer): PictureSize {
  const { width, height } = readSequence(new Bits(unit))
  return { width, height }
}

/** AV1 §5.5.1. */
function readSequence(bits: Bits): Av1Sequence {
  const profile = bits.read(3)
  bits.skip(1)
  const isReduced = bits.flag()
  const { level, tier } = isReduced ? { level: bits.read(5), tier: false } : readOperatingPoints(bits)
  const [widthBits, heightBits] = [bits.read(4) + 1, bits.read(4) + 1]
  const [width, height] = [bits.read(widthBits) + 1, bits.read(heightBits) + 1]
  skipTools(bits, isReduced)
  const head = Buffer.of(0x81, (profile << 5) | level, ((tier ? 1 : 0) << 7) | colorBits(bits, profile), 0)
  return { width, height, head }
}

function readOperatingPoints(bits: Bits): { readonly level: number; readonly tier: boolean } {
  let delayBits: number | undefined
  if (bits.flag()) {
    bits.skip(64)
    if (bits.flag()) bits.number()
    if (bits.flag()) {
      delayBits = bits.read(5) + 1
      bits.skip(42)
    }
  }
  const hasDelays = bits.flag()
  const points = Array.from({ length: bits.read(5) + 1 }, () => {
    bits.skip(12)
    const level = bits.read(5)
    const tier = level > 7 && bits.flag()
    if (delayBits !== undefined && bits.flag()) bits.skip(2 * delayBits + 1)
    if (hasDelays && bits.flag()) bits.skip(4)
    return { level, tier }
  })
  return points[0]!
}

/** From the size up to the colors. */
function skipTools(bits: Bits, isReduced: boolean): void {
  if (!isReduced && bits.flag()) bits.skip(7)
  bits.skip(3)
  if (!isReduced) {
    bits.skip(4)
    const hasOrder = bits.flag()
    if (hasOrder) bits.skip(2)
    // Screen content: 2 if frames choose themselves.
    const screen = bits.flag() ? 2 : bits.read(1)
    if (screen > 0 && !bits.flag()) bits.skip(1)
    if (hasOrder) bits.skip(3)
  }
  bits.skip(3)
}

/** The seven bits that a record has of the colors (§5.5.2). */
function colorBits(bits: Bits, profile: number): number {
  const isHigh = bits.flag()
  const isTwelve = profile === 2 && isHigh && bits.flag()
  const isMono = profile !== 1 && bits.flag()
  const colors = bits.flag() ? [bits.read(8), bits.read(8), bits.read(8)] : []
  let [x, y, position] = [1, 1, 0]
  if (isMono) bits.skip(1)
  else if (srgb.every((value, place) => colors[place] === value)) [x, y] = [0, 0]
  else {
    bits.skip(1)
    if (profile === 1) [x, y] = [0, 0]
    else if (profile === 2) {
      x = isTwelve ? bits.read(1) : 1
      y = isTwelve && x === 1 ? bits.read(1) : 0
    }
    if (x === 1 && y === 1) position = bits.read(2)
  }
  return [isHigh, isTwelve, isMono, x === 1, y === 1].reduce((all, bit) => (all << 1) | (bit ? 1 : 0), 0) * 4 + position
}

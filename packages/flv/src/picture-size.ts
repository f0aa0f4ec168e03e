/** Size of the shown part of a picture. */
export interface PictureSize {
  /** Pixels in a row. */
  readonly width: number
  /** Rows of pixels. */
  readonly height: number
}

/** The size in the sequence parameter set of a decoder configuration. Undefined if there is none, or a broken one. */
export function pictureSizeOf(codec: string, config: Buffer): PictureSize | undefined {
  try {
    if (codec === 'avc1') return avcSize(config)
    return codec === 'hvc1' ? hevcSize(config) : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Profiles whose parameter sets have more fields about colors (ISO/IEC 14496-10 §7.3.2.1.1). */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])
const sequenceParameterSet = 33

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1), and the first parameter set in it. */
function avcSize(config: Buffer): PictureSize | undefined {
  if ((config.readUInt8(5) & 0x1f) === 0) return undefined
  const bits = new Bits(config.subarray(8, 8 + config.readUInt16BE(6)))
  bits.skip(8)
  const profile = bits.read(8)
  bits.skip(16)
  bits.number()
  let chroma = 1
  if (highProfiles.has(profile)) {
    chroma = bits.number()
    const lists = chroma === 3 ? 12 : 8
    if (chroma === 3 && bits.flag()) chroma = 0
    bits.number()
    bits.number()
    bits.skip(1)
    if (bits.flag()) skipScalingLists(bits, lists)
  }
  bits.number()
  const order = bits.number()
  if (order === 0) bits.number()
  if (order === 1) {
    bits.skip(1)
    bits.number()
    bits.number()
    for (let left = bits.number(); left > 0; left -= 1) bits.number()
  }
  bits.number()
  bits.skip(1)
  const columns = bits.number() + 1
  const rows = bits.number() + 1
  const fields = bits.flag() ? 1 : 2
  if (fields === 2) bits.skip(1)
  bits.skip(1)
  const [x, y] = [chroma === 1 || chroma === 2 ? 2 : 1, (chroma === 1 ? 2 : 1) * fields]
  return cropped(bits, columns * 16, rows * 16 * fields, x, y)
}

function skipScalingLists(bits: Bits, count: number): void {
  for (let list = 0; list < count; list += 1) {
    if (!bits.flag()) continue
    let [last, next] = [8, 8]
    for (let place = 0; place < (list < 6 ? 16 : 64) && next !== 0; place += 1) {
      next = (last + bits.signed() + 256) % 256
      last = next === 0 ? last : next
    }
  }
}

/** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1). */
function hevcSize(config: Buffer): PictureSize | undefined {
  let at = 23
  for (let arrays = config.readUInt8(22); arrays > 0; arrays -= 1) {
    const type = config.readUInt8(at) & 0x3f
    const count = config.readUInt16BE(at + 1)
    at += 3
    for (let left = count; left > 0; left -= 1) {
      const length = config.readUInt16BE(at)
      // Behind the two bytes of the unit's own head.
      if (type === sequenceParameterSet) return hevcParameters(config.subarray(at + 4, at + 2 + length))
      at += 2 + length
    }
  }
  return undefined
}

/** ISO/IEC 23008-2 §7.3.2.2. */
function hevcParameters(unit: Buffer): PictureSize {
  const bits = new Bits(unit)
  bits.skip(4)
  const subLayers = bits.read(3)
  // Profile, tier and level, of the stream and of its layers.
  bits.skip(1 + 96)
  const flags = Array.from({ length: subLayers }, () => [bits.flag() ? 88 : 0, bits.flag() ? 8 : 0])
  if (subLayers > 0) bits.skip((8 - subLayers) * 2)
  for (const [profile = 0, level = 0] of flags) bits.skip(profile + level)
  bits.number()
  let chroma = bits.number()
  if (chroma === 3 && bits.flag()) chroma = 0
  const width = bits.number()
  const height = bits.number()
  return cropped(bits, width, height, chroma === 1 || chroma === 2 ? 2 : 1, chroma === 1 ? 2 : 1)
}

/** The shown part of a picture. @param x pixels of a step @param y as high */
function cropped(bits: Bits, width: number, height: number, x: number, y: number): PictureSize {
  if (!bits.flag()) return { width, height }
  const [left, right] = [bits.number(), bits.number()]
  const [top, bottom] = [bits.number(), bits.number()]
  return { width: width - (left + right) * x, height: height - (top + bottom) * y }
}

/** Bits of a NAL unit, without the bytes that keep start codes out of it. Throws RangeError at its end. */
class Bits {
  readonly #bytes: Buffer
  #at = 0

  constructor(unit: Buffer) {
    this.#bytes = Buffer.from(
      unit.filter((byte, at) => byte !== 3 || at < 2 || unit[at - 1] !== 0 || unit[at - 2] !== 0),
    )
  }

  flag(): boolean {
    const bit = (this.#bytes.readUInt8(this.#at >> 3) >> (7 - (this.#at & 7))) & 1
    this.#at += 1
    return bit === 1
  }

  skip(count: number): void {
    this.#at += count
  }

  read(count: number): number {
    let value = 0
    for (let left = count; left > 0; left -= 1) value = value * 2 + (this.flag() ? 1 : 0)
    return value
  }

  /** Exponential Golomb code (ISO/IEC 14496-10 §9.1). */
  number(): number {
    let zeros = 0
    while (!this.flag()) zeros += 1
    if (zeros > 31) throw new RangeError('a number of more than 32 bits')
    return 2 ** zeros - 1 + this.read(zeros)
  }

  signed(): number {
    const code = this.number()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
}

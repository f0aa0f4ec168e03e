import { Bits } from './bits.ts'
import { chromaSteps, cropped, hasOneOf, nalUnitsIn, usualLengthSize, withAspect, withLengths } from './nal-units.ts'
import type { PictureSize } from './picture-size.ts'

/** Profiles whose parameter sets have more fields about colors (ISO/IEC 14496-10 §7.3.2.1.1). */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])
/** Profiles whose configuration repeats them (ISO/IEC 14496-15 §5.3.3.1.2). */
const extendedProfiles = new Set([100, 110, 122, 144, 244])
const [sequenceSet, pictureSet] = [7, 8]

interface AvcParameters {
  readonly size: PictureSize
  readonly chroma: number
  readonly depths: readonly [luma: number, chroma: number]
}

/** Of the first parameter set of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1). */
export function avcSize(config: Buffer): PictureSize | undefined {
  const [first] = sequencesIn(config).units
  return first && parametersOf(first).size
}

/**
 * The configuration that a keyframe brings along, if it is another one than that of the header.
 *
 * @param header a sequence header's body, if there was one
 */
export function avcConfigIn(frame: Buffer, header: Buffer | undefined): Buffer | undefined {
  const known = header && sequencesIn(header)
  const lengthSize = header === undefined ? usualLengthSize : (header.readUInt8(4) & 3) + 1
  const units = nalUnitsIn(frame, lengthSize)
  const sequences = units.filter(unit => typeOf(unit) === sequenceSet && unit.length >= 4)
  const [first] = sequences
  if (first === undefined || (known !== undefined && hasOneOf(sequences, known.units))) return undefined
  const own = units.filter(unit => typeOf(unit) === pictureSet)
  const pictures =
    own.length > 0 || header === undefined || known === undefined ? own : unitsAt(header, known.end, 0xff).units
  const { chroma, depths } = parametersOf(first)
  const isExtended = extendedProfiles.has(first.readUInt8(1))
  return Buffer.concat([
    Buffer.of(1, ...first.subarray(1, 4), 0xfc | (lengthSize - 1), 0xe0 | sequences.length),
    ...withLengths(sequences),
    Buffer.of(pictures.length),
    ...withLengths(pictures),
    isExtended ? Buffer.of(0xfc | chroma, 0xf8 | depths[0], 0xf8 | depths[1], 0) : Buffer.alloc(0),
  ])
}

interface Units {
  readonly units: Buffer[]
  readonly end: number
}

function sequencesIn(config: Buffer): Units {
  return unitsAt(config, 5, 0x1f)
}

/** Their number, and each behind its length. */
function unitsAt(config: Buffer, start: number, mask: number): Units {
  let end = start + 1
  const units = Array.from({ length: config.readUInt8(start) & mask }, () => {
    const begin = end + 2
    end = begin + config.readUInt16BE(end)
    return config.subarray(begin, end)
  })
  return { units, end }
}

function typeOf(unit: Buffer): number {
  return (unit[0] ?? 0) & 0x1f
}

function parametersOf(set: Buffer): AvcParameters {
  const bits = Bits.ofNalUnit(set.subarray(1))
  const profile = bits.read(8)
  bits.skip(16)
  bits.number()
  let [chroma, planes] = [1, 1]
  let depths: readonly [number, number] = [0, 0]
  if (highProfiles.has(profile)) {
    planes = chroma = bits.number()
    const lists = chroma === 3 ? 12 : 8
    if (chroma === 3 && bits.flag()) planes = 0
    depths = [bits.number(), bits.number()]
    bits.skip(1)
    if (bits.flag()) skipScalingLists(bits, lists)
  }
  bits.number()
  const order = bits.number()
  if (order === 0) bits.number()
  if (order === 1) {
    bits.skip(1)
    bits.skipNumbers(2)
    bits.skipNumbers(bits.number())
  }
  bits.number()
  bits.skip(1)
  const columns = bits.number() + 1
  const rows = bits.number() + 1
  const fields = bits.flag() ? 1 : 2
  if (fields === 2) bits.skip(1)
  bits.skip(1)
  const [x, y] = chromaSteps(planes)
  const size = cropped(bits, columns * 16, rows * 16 * fields, x, y * fields)
  return { size: withAspect(size, bits), chroma, depths }
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

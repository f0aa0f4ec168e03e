import { Bits, withoutEmulation } from './bits.ts'
import { skipHevcSets } from './hevc-sets.ts'
import {
  chromaSteps,
  cropped,
  hasOneOf,
  nalUnitsIn,
  setsByType,
  usualLengthSize,
  withAspect,
  withLengths,
} from './nal-units.ts'
import type { PictureSize } from './picture-size.ts'

/** Types of NAL units (ISO/IEC 23008-2 table 7-1). */
const [videoSet, sequenceSet, pictureSet] = [32, 33, 34]

/** No other parameter sets of the type come along with pictures. */
const complete = 0x80

interface HevcParameters {
  readonly size: PictureSize
  readonly chroma: number
  readonly depths: readonly [luma: number, chroma: number]
}

/** Of the first parameter set of an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1). */
export function hevcSize(config: Buffer): PictureSize | undefined {
  const first = unitsOf(config).find(unit => typeOf(unit) === sequenceSet)
  return first && parametersOf(first).size
}

/** The configuration that a keyframe brings along, if it is another one than that of the header. */
export function hevcConfigIn(frame: Buffer, header: Buffer | undefined): Buffer | undefined {
  const lengthSize = header === undefined ? usualLengthSize : (header.readUInt8(21) & 3) + 1
  const known = header === undefined ? [] : unitsOf(header)
  const units = nalUnitsIn(frame, lengthSize)
  const sequences = units.filter(unit => typeOf(unit) === sequenceSet)
  const [first] = sequences
  if (first === undefined || hasOneOf(sequences, known)) return undefined
  const arrays = setsByType([videoSet, sequenceSet, pictureSet], typeOf, units, known)
  const { chroma, depths } = parametersOf(first)
  const plain = withoutEmulation(first)
  const subLayers = ((plain.readUInt8(2) >> 1) & 7) + 1
  // Profile, tier and level stand behind the head of the unit and a byte; nothing is known of parallelism and frame rate.
  return Buffer.concat([
    Buffer.of(1, ...plain.subarray(3, 15), 0xf0, 0, 0xfc, 0xfc | chroma, 0xf8 | depths[0], 0xf8 | depths[1], 0, 0),
    Buffer.of((subLayers << 3) | ((plain.readUInt8(2) & 1) << 2) | (lengthSize - 1), arrays.length),
    ...arrays.flatMap(({ type, sets }) => [
      Buffer.of(complete | type, sets.length >> 8, sets.length),
      ...withLengths(sets),
    ]),
  ])
}

function unitsOf(config: Buffer): Buffer[] {
  const units: Buffer[] = []
  let at = 23
  for (let arrays = config.readUInt8(22); arrays > 0; arrays -= 1) {
    const count = config.readUInt16BE(at + 1)
    at += 3
    for (let left = count; left > 0; left -= 1) {
      const end = at + 2 + config.readUInt16BE(at)
      units.push(config.subarray(at + 2, end))
      at = end
    }
  }
  return units
}

function typeOf(unit: Buffer): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f
}

/** ISO/IEC 23008-2 §7.3.2.2. */
function parametersOf(unit: Buffer): HevcParameters {
  // Behind the two bytes of the unit's own head.
  const bits = Bits.ofNalUnit(unit.subarray(2))
  bits.skip(4)
  const subLayers = bits.read(3)
  // Profile, tier and level, of the stream and of its layers.
  bits.skip(1 + 96)
  const flags = Array.from({ length: subLayers }, () => [bits.flag() ? 88 : 0, bits.flag() ? 8 : 0])
  if (subLayers > 0) bits.skip((8 - subLayers) * 2)
  for (const [profile = 0, level = 0] of flags) bits.skip(profile + level)
  bits.number()
  const chroma = bits.number()
  const planes = chroma === 3 && bits.flag() ? 0 : chroma
  const [width, height] = [bits.number(), bits.number()]
  const size = cropped(bits, width, height, ...chromaSteps(planes))
  const depths = [bits.number(), bits.number()] as const
  return { size: withAspect(size, bits, () => skipHevcSets(bits, subLayers)), chroma, depths }
}

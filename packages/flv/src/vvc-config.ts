import { Bits } from './bits.ts'
import { chromaSteps, cropped, hasOneOf, nalUnitsIn, setsByType, withLengths } from './nal-units.ts'
import type { PictureSize } from './picture-size.ts'

/** Types of NAL units (ISO/IEC 23090-3 table 5); of the first two, there is one at most. */
const [operatingPoints, decodingCapabilities, videoSet, sequenceSet, pictureSet] = [12, 13, 14, 15, 16]

/** No other parameter sets of the type come along with pictures. */
const complete = 0x80

/** Of the first parameter set of a VvcDecoderConfigurationRecord (ISO/IEC 14496-15 §11.2.4.2). */
export function vvcSize(config: Buffer): PictureSize | undefined {
  const first = readConfig(config).units.find(unit => typeOf(unit) === sequenceSet)
  return first && sizeOf(first)
}

/** The configuration that a keyframe brings along, if it is another one than that of the header, which it can't do without. */
export function vvcConfigIn(frame: Buffer, header: Buffer | undefined): Buffer | undefined {
  if (header === undefined) return undefined
  const { lengthSize, sizePosition, arraysPosition, units: known } = readConfig(header)
  const units = nalUnitsIn(frame, lengthSize)
  const sequences = units.filter(unit => typeOf(unit) === sequenceSet)
  const [first] = sequences
  if (first === undefined || hasOneOf(sequences, known)) return undefined
  const arrays = setsByType([videoSet, sequenceSet, pictureSet], typeOf, units, known)
  const start = Buffer.from(header.subarray(0, arraysPosition))
  const { width, height } = sizeOf(first)
  if (sizePosition !== undefined) {
    start.writeUInt16BE(width & 0xffff, sizePosition)
    start.writeUInt16BE(height & 0xffff, sizePosition + 2)
  }
  return Buffer.concat([
    start,
    Buffer.of(arrays.length),
    ...arrays.flatMap(({ type, sets }) => [
      Buffer.of(complete | type, sets.length >> 8, sets.length),
      ...withLengths(sets),
    ]),
  ])
}

function readConfig(config: Buffer) {
  const first = config.readUInt8(0)
  let at = 1
  let sizePosition: number | undefined
  // Profile, tier and level of all.
  if ((first & 1) === 1) {
    const layers = (config.readUInt8(2) >> 4) & 7
    const constraints = config.readUInt8(4) & 0x3f
    at = 7 + constraints
    if (layers > 1) {
      const present = config.readUInt8(at)
      at += 1
      for (let layer = 0; layer < layers - 1; layer += 1) at += (present >> (7 - layer)) & 1
    }
    at += 1 + 4 * config.readUInt8(at)
    sizePosition = at
    at += 6
  }
  const arraysPosition = at
  const units: Buffer[] = []
  at += 1
  for (let arrays = config.readUInt8(arraysPosition); arrays > 0; arrays -= 1) {
    const type = config.readUInt8(at) & 0x1f
    const isSingle = type === operatingPoints || type === decodingCapabilities
    const count = isSingle ? 1 : config.readUInt16BE(at + 1)
    at += isSingle ? 1 : 3
    for (let left = count; left > 0; left -= 1) {
      const end = at + 2 + config.readUInt16BE(at)
      units.push(config.subarray(at + 2, end))
      at = end
    }
  }
  return { lengthSize: ((first >> 1) & 3) + 1, sizePosition, arraysPosition, units }
}

function typeOf(unit: Buffer): number {
  return (unit[1] ?? 0) >> 3
}

/** ISO/IEC 23090-3 §7.3.2.4. */
function sizeOf(unit: Buffer): PictureSize {
  // Behind the two bytes of the unit's own head.
  const bits = Bits.ofNalUnit(unit.subarray(2))
  bits.skip(8)
  const subLayers = bits.read(3)
  const chroma = bits.read(2)
  bits.skip(2)
  if (bits.flag()) skipLevels(bits, subLayers)
  bits.skip(1)
  if (bits.flag()) bits.skip(1)
  const [width, height] = [bits.number(), bits.number()]
  return cropped(bits, width, height, ...chromaSteps(chroma))
}

/** Profile, tier and level (§7.3.3.1). */
function skipLevels(bits: Bits, subLayers: number): void {
  bits.skip(18)
  if (bits.flag()) {
    bits.skip(71)
    bits.skip(bits.read(8))
  }
  bits.align()
  const present = Array.from({ length: subLayers }, () => bits.flag())
  bits.align()
  bits.skip(8 * present.filter(Boolean).length)
  bits.skip(32 * bits.read(8))
}

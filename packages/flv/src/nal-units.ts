import type { Bits } from './bits.ts'
import type { PictureSize } from './picture-size.ts'

/** Bytes of the length before each NAL unit where no decoder configuration says it: what all encoders write. */
export const usualLengthSize = 4

/** Parameter sets are at the beginning of a frame; slices may be many. */
const maxUnits = 64
/** What an AVCDecoderConfigurationRecord has place for; others have more. */
const [maxSets, maxSetSize] = [31, 0xffff]

/**
 * The first NAL units of a frame, each behind its length (ISO/IEC 14496-15 §5.3.3.1.2): those that may be parameter sets.
 * One that is longer than the frame ends it.
 */
export function nalUnitsIn(frame: Buffer, lengthSize: number): Buffer[] {
  const units: Buffer[] = []
  for (let at = 0; at + lengthSize <= frame.length && units.length < maxUnits; ) {
    const start = at + lengthSize
    const end = start + frame.readUIntBE(at, lengthSize)
    if (end > frame.length || end === start) break
    units.push(frame.subarray(start, end))
    at = end
  }
  return units
}

/**
 * Units with their lengths in 16 bits before them, as decoder configurations have them. Throws RangeError for more, or
 * longer ones, than there can be.
 */
export function withLengths(units: readonly Buffer[]): Buffer[] {
  if (units.length > maxSets || units.some(({ length }) => length > maxSetSize))
    throw new RangeError('no parameter sets')
  return units.flatMap(unit => [Buffer.of(unit.length >> 8, unit.length & 0xff), unit])
}

/** True if one of the units is among the known ones. */
export function hasOneOf(units: readonly Buffer[], known: readonly Buffer[]): boolean {
  return units.some(unit => known.some(other => other.equals(unit)))
}

/** Parameter sets, type by type: those of a picture, and of a type that it does not bring along those known before. */
export function setsByType(
  types: readonly number[],
  typeOf: (unit: Buffer) => number,
  own: readonly Buffer[],
  known: readonly Buffer[],
): { readonly type: number; readonly sets: readonly Buffer[] }[] {
  return types.map(type => {
    const ofType = (units: readonly Buffer[]) => units.filter(unit => typeOf(unit) === type)
    const sets = ofType(own)
    return { type, sets: sets.length > 0 ? sets : ofType(known) }
  })
}

/** The shown part of a picture. @param x pixels of a step @param y as high */
export function cropped(bits: Bits, width: number, height: number, x: number, y: number): PictureSize {
  if (!bits.flag()) return { width, height }
  const [left, right] = [bits.number(), bits.number()]
  const [top, bottom] = [bits.number(), bits.number()]
  return { width: width - (left + right) * x, height: height - (top + bottom) * y }
}

/** Pixels in a step of cropping, by `chroma_format_idc`; 0 for separate planes, too. */
export function chromaSteps(chroma: number): readonly [x: number, y: number] {
  return [chroma === 1 || chroma === 2 ? 2 : 1, chroma === 1 ? 2 : 1]
}

/** By `aspect_ratio_idc` (ISO/IEC 14496-10 table E-1). */
const aspects: readonly (readonly [x: number, y: number])[] = [
  [1, 1],
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
]
const extendedAspect = 255

/**
 * The size with the shape of pixels, which begins the usability information (§E.1.1); the size alone where that is
 * missing or broken.
 *
 * @param skip passes over what is before it
 */
export function withAspect(size: PictureSize, bits: Bits, skip?: () => void): PictureSize {
  try {
    skip?.()
    if (!bits.flag() || !bits.flag()) return size
    const idc = bits.read(8)
    const [x, y] = idc === extendedAspect ? [bits.read(16), bits.read(16)] : (aspects[idc] ?? [1, 1])
    return x > 0 && y > 0 && x !== y ? { ...size, pixelAspect: [x, y] } : size
  } catch (error) {
    if (error instanceof RangeError) return size
    throw error
  }
}

import type { Bits } from './bits.ts'

/** Most that the specification allows (ISO/IEC 23008-2 §7.4.3.2.1, §7.4.8). */
const [maxSets, maxPictures, maxLongTerm] = [64, 16, 32]

/** Passes over what a sequence parameter set has between its bit depths and its usability information (§7.3.2.2). */
export function skipHevcSets(bits: Bits, subLayers: number): void {
  const orderBits = bits.number() + 4
  bits.skipNumbers(3 * (bits.flag() ? subLayers + 1 : 1))
  bits.skipNumbers(6)
  if (bits.flag() && bits.flag()) skipScalingLists(bits)
  bits.skip(2)
  if (bits.flag()) {
    bits.skip(8)
    bits.skipNumbers(2)
    bits.skip(1)
  }
  skipReferenceSets(bits)
  if (bits.flag()) {
    const count = atMost(bits.number(), maxLongTerm)
    bits.skip(count * (orderBits + 1))
  }
  bits.skip(2)
}

/** §7.3.4. */
function skipScalingLists(bits: Bits): void {
  for (let size = 0; size < 4; size += 1) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!bits.flag()) bits.number()
      else bits.skipNumbers(Math.min(64, 1 << (4 + (size << 1))) + (size > 1 ? 1 : 0))
    }
  }
}

/** §7.3.7: each lists pictures, or says how it differs from the one before. */
function skipReferenceSets(bits: Bits): void {
  const count = atMost(bits.number(), maxSets)
  let pictures = 0
  for (let set = 0; set < count; set += 1) {
    if (set > 0 && bits.flag()) {
      bits.skip(1)
      bits.number()
      let kept = 0
      for (let picture = 0; picture <= pictures; picture += 1) if (bits.flag() || bits.flag()) kept += 1
      pictures = kept
    } else {
      pictures = atMost(bits.number(), maxPictures) + atMost(bits.number(), maxPictures)
      for (let picture = 0; picture < pictures; picture += 1) {
        bits.number()
        bits.skip(1)
      }
    }
  }
}

function atMost(value: number, most: number): number {
  if (value > most) throw new RangeError(`${value} of ${most} at most`)
  return value
}

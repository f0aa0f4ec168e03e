import { Bits } from './bits.ts'
import type { PictureSize } from './picture-size.ts'

interface VpPicture {
  readonly size: PictureSize
  /** VPCodecConfigurationRecord ("VP Codec ISO Media File Format Binding"), without version and flags before it. */
  readonly config: Buffer
}

/** By color space (VP9 Bitstream §7.2.2): primaries, transfer, matrix; 2 is unknown. */
const colors: readonly (readonly [number, number, number])[] = [
  [2, 2, 2],
  [5, 6, 5],
  [1, 1, 1],
  [6, 6, 6],
  [7, 7, 7],
  [9, 1, 9],
  [2, 2, 2],
  [1, 13, 0],
]
const rgb = 7
const unknown = [2, 2, 2] as const

/** What a keyframe of VP9 says at its beginning (VP9 Bitstream §6.2). Undefined if it is none. */
export function vp9Picture(frame: Buffer): VpPicture | undefined {
  const bits = new Bits(frame)
  if (bits.read(2) !== 2) return undefined
  const profile = bits.read(1) + 2 * bits.read(1)
  if (profile === 3) bits.skip(1)
  // A frame that is there already, or one that depends on others.
  if (bits.flag() || bits.flag()) return undefined
  bits.skip(2)
  if (bits.read(24) !== 0x49_8342) return undefined
  const depth = profile < 2 ? 8 : bits.flag() ? 12 : 10
  const space = bits.read(3)
  const isFull = space === rgb || bits.flag()
  let [x, y] = space === rgb ? [false, false] : [true, true]
  if (profile % 2 === 1) {
    if (space !== rgb) [x, y] = [bits.flag(), bits.flag()]
    bits.skip(1)
  }
  const [width, height] = [bits.read(16) + 1, bits.read(16) + 1]
  return {
    size: { width, height },
    config: vpConfig(profile, depth, x ? (y ? 1 : 2) : 3, isFull, colors[space] ?? unknown),
  }
}

/** What a keyframe of VP8 says at its beginning (RFC 6386 §9.1). Undefined if it is none. */
export function vp8Picture(frame: Buffer): VpPicture | undefined {
  const isKey = (frame.readUInt8(0) & 1) === 0 && frame.readUIntBE(3, 3) === 0x9d_012a
  if (!isKey) return undefined
  const profile = (frame.readUInt8(0) >> 1) & 7
  // The two bits above each are for showing it larger.
  const size = { width: frame.readUInt16LE(6) & 0x3fff, height: frame.readUInt16LE(8) & 0x3fff }
  return { size, config: vpConfig(profile, 8, 1, false, unknown) }
}

/** @param chroma 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4. Of the level nothing is known. */
function vpConfig(profile: number, depth: number, chroma: number, isFull: boolean, color: readonly number[]): Buffer {
  return Buffer.of(profile, 0, (depth << 4) | (chroma << 1) | (isFull ? 1 : 0), ...color, 0, 0)
}

import { av1Size } from './av1-config.ts'
import { avcSize } from './avc-config.ts'
import { hevcSize } from './hevc-config.ts'
import type { PictureSize } from './picture-size.ts'
import { vp8Picture, vp9Picture } from './vp-config.ts'
import { vvcSize } from './vvc-config.ts'

/**
 * The size that the bitstream itself says: the sequence parameter set of AVC, HEVC and VVC, the sequence header of AV1, a
 * keyframe of VP8 and VP9. Undefined if there is none, or a broken one, and of other codecs.
 *
 * @param config the body of a sequence header, see `decoderConfigOf`
 * @param keyframe of VP8 and VP9
 */
export function pictureSizeOf(codec: string, config: Buffer | undefined, keyframe?: Buffer): PictureSize | undefined {
  try {
    if (codec === 'vp08') return keyframe && vp8Picture(keyframe)?.size
    if (codec === 'vp09') return keyframe && vp9Picture(keyframe)?.size
    return config && sizes[codec]?.(config)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const sizes: Readonly<Record<string, (config: Buffer) => PictureSize | undefined>> = {
  avc1: avcSize,
  hvc1: hevcSize,
  vvc1: vvcSize,
  av01: av1Size,
}

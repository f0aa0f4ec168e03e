import { av1ConfigIn } from './av1-config.ts'
import { vp9Picture } from './vp-config.ts'

/** Version 1 and no flags, which stand before a VPCodecConfigurationRecord in Enhanced RTMP as in MP4. */
const vpHead = Buffer.of(1, 0, 0, 0)

/**
 * The body of the sequence header that belongs to a keyframe, made of what the keyframe says: for encoders that give none,
 * as those of browsers. Undefined if it is no keyframe, or a broken one.
 *
 * @param keyframe as an encoder makes it: for AV1 with its sequence header
 */
export function decoderConfigIn(codec: 'av01' | 'vp09', keyframe: Buffer): Buffer | undefined {
  try {
    if (codec === 'av01') return av1ConfigIn(keyframe, undefined)
    const picture = vp9Picture(keyframe)
    return picture && Buffer.concat([vpHead, picture.config])
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

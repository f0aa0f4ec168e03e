import { av1ConfigIn } from './av1-config.ts'
import { avcConfigIn } from './avc-config.ts'
import type { VideoCodec } from './codec.ts'
import { hevcConfigIn } from './hevc-config.ts'
import { vp8Picture, vp9Picture } from './vp-config.ts'
import { vvcConfigIn } from './vvc-config.ts'

/** What comes in the place of a header; undefined if that is right. */
type ConfigIn = (keyframe: Buffer, header: Buffer | undefined) => Buffer | undefined

const configs: Partial<Record<VideoCodec, ConfigIn>> = {
  avc1: avcConfigIn,
  hvc1: hevcConfigIn,
  vvc1: vvcConfigIn,
  av01: av1ConfigIn,
  vp08: (keyframe, header) => (header === undefined ? vp8Picture(keyframe)?.config : undefined),
  vp09: (keyframe, header) => (header === undefined ? vp9Picture(keyframe)?.config : undefined),
}

/**
 * The decoder configuration for a keyframe: made of the parameter sets in the keyframe itself, if it has others than the
 * header, else the header. Undefined if neither says it.
 *
 * @param header the body of the sequence header that came before it
 * @param keyframe one track's part of a message
 */
export function decoderConfigOf(codec: VideoCodec, header: Buffer | undefined, keyframe: Buffer): Buffer | undefined {
  try {
    return configs[codec]?.(keyframe, header) ?? header
  } catch (error) {
    if (error instanceof RangeError) return header
    throw error
  }
}

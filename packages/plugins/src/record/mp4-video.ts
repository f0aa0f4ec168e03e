import type { VideoCodec as RtmpVideoCodec } from '@rtmpipe/flv'
import type { VideoCodec } from 'mediabunny'
import { RecordError } from './errors.ts'

/** A codec by mediabunny's name, and the string that players know it by (RFC 6381). */
export interface Mp4Video {
  readonly codec: VideoCodec
  readonly codecString: string
  /** The decoder's configuration record where MP4 holds it as it is. */
  readonly description?: Uint8Array
}

/** @param config body of the sequence header; undefined if none came @throws RecordError `RTMP_ERR_RECORD_CODEC` */
export function mp4Video(codec: RtmpVideoCodec, config: Uint8Array | undefined): Mp4Video {
  switch (codec) {
    case 'avc1':
      return { codec: 'avc', codecString: avc(record(codec, config, 7)), ...description(config) }
    case 'hvc1':
      return { codec: 'hevc', codecString: hevc(record(codec, config, 23)), ...description(config) }
    case 'av01':
      return { codec: 'av1', codecString: av1(record(codec, config, 4)) }
    case 'vp09':
      return { codec: 'vp9', codecString: vp9(record(codec, config, 8)) }
    default:
      throw new RecordError('RTMP_ERR_RECORD_CODEC', `MP4 has no place for ${codec} video`)
  }
}

function description(config: Uint8Array | undefined): { description?: Uint8Array } {
  return config === undefined ? {} : { description: config }
}

function record(codec: string, config: Uint8Array | undefined, atLeast: number): Buffer {
  if (config === undefined || config.length < atLeast)
    throw new RecordError('RTMP_ERR_RECORD_CODEC', `${codec} video came without its sequence header`)
  return Buffer.from(config.buffer, config.byteOffset, config.byteLength)
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1): profile, compatibility, level. */
function avc(config: Buffer): string {
  return `avc1.${config.toString('hex', 1, 4)}`
}

/** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1), written as its annex E.3 says. */
function hevc(config: Buffer): string {
  const first = config.readUInt8(1)
  const space = ['', 'A', 'B', 'C'][first >> 6] ?? ''
  const tier = (first & 0x20) === 0 ? 'L' : 'H'
  let [flags, reversed] = [config.readUInt32BE(2), 0]
  for (let bit = 0; bit < 32; bit += 1, flags >>>= 1) reversed = ((reversed << 1) | (flags & 1)) >>> 0
  const constraints = [...config.subarray(6, 12)].map(byte => byte.toString(16).toUpperCase())
  while (constraints.at(-1) === '0') constraints.pop()
  return [`hvc1.${space}${first & 0x1f}`, reversed.toString(16), `${tier}${config.readUInt8(12)}`, ...constraints].join(
    '.',
  )
}

/** AV1CodecConfigurationRecord ("AV1 Codec ISO Media File Format Binding" §2.3.3). */
function av1(config: Buffer): string {
  const [levels, flags] = [config.readUInt8(1), config.readUInt8(2)]
  const bit = (number: number): boolean => ((flags >> number) & 1) === 1
  const depth = bit(6) ? (bit(5) ? 12 : 10) : 8
  // Monochrome and subsampling, then color defaults, because the record is written anew from this string.
  const chroma = `${(flags >> 3) & 1}${(flags >> 2) & 1}${flags & 3}`
  const [monochrome, tier] = [(flags >> 4) & 1, bit(7) ? 'H' : 'M']
  return `av01.${levels >> 5}.${two(levels & 0x1f)}${tier}.${two(depth)}.${monochrome}.${chroma}.01.01.01.0`
}

/** VPCodecConfigurationRecord ("VP Codec ISO Media File Format Binding"), with or without the version before it. */
function vp9(config: Buffer): string {
  const at = config.length >= 12 && config.readUInt32BE(0) === 0x0100_0000 ? 4 : 0
  const [profile, level, third] = [config.readUInt8(at), config.readUInt8(at + 1), config.readUInt8(at + 2)]
  const colors = [...config.subarray(at + 3, at + 6)]
  const parts = [profile, level, third >> 4, (third >> 1) & 7, ...colors, third & 1]
  return `vp09.${parts.map(two).join('.')}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

import type { AudioCodec, VideoCodec } from '@rtmpipe/flv'

/** Levels and depths where the stream does not tell them: the decoder finds the truth in the pictures. */
const plainAv1 = 'av01.0.08M.08'
const plainVp9 = 'vp09.00.10.08'

/**
 * What WebCodecs and Media Source Extensions call a codec, with profile and level (RFC 6381 and the codec's binding to MP4).
 * Undefined for what no browser has a name for, and for a configuration that is cut short.
 *
 * @param config body of the sequence header
 */
export function videoCodecString(codec: VideoCodec, config: Uint8Array | undefined): string | undefined {
  switch (codec) {
    case 'avc1':
      return config && config.length > 6 ? avc(config) : undefined
    case 'hvc1':
      return config && config.length > 22 ? hevc(config) : undefined
    case 'av01':
      return config && config.length > 3 ? av1(config) : plainAv1
    case 'vp09':
      return config && config.length > 7 ? vp9(config) : plainVp9
    case 'vp08':
      return 'vp8'
    case 'vvc1':
      return 'vvc1'
    default:
      return undefined
  }
}

/** The same for sound. */
export function audioCodecString(codec: AudioCodec, config: Uint8Array | undefined): string | undefined {
  switch (codec) {
    case 'mp4a':
      return config && config.length > 1 ? `mp4a.40.${aacType(config)}` : undefined
    case 'Opus':
      return 'opus'
    case 'fLaC':
      return 'flac'
    case 'mp3':
    case 'ac-3':
    case 'ec-3':
      return codec
    default:
      return undefined
  }
}

/** Level 1b has the number 9 in some profiles, which browsers do not know: they are told 1. */
function avc(config: Uint8Array): string {
  return `avc1.${hex(Uint8Array.of(config[1]!, config[2]!, Math.max(config[3]!, 10)))}`
}

/** ISO/IEC 14496-15 annex E.3. */
function hevc(config: Uint8Array): string {
  const first = config[1]!
  const space = ['', 'A', 'B', 'C'][first >> 6]!
  let compatible = 0
  for (let bit = 0; bit < 32; bit += 1) compatible = compatible * 2 + ((config[5 - (bit >> 3)]! >> (bit & 7)) & 1)
  const constraints = [...config.subarray(6, 12)].map(byte => byte.toString(16))
  while (constraints.at(-1) === '0') constraints.pop()
  const tier = (first & 0x20) === 0 ? 'L' : 'H'
  return ['hvc1', space + (first & 0x1f), compatible.toString(16), tier + config[12], ...constraints].join('.')
}

/** AV1 Codec ISO Media File Format Binding §5. */
function av1(config: Uint8Array): string {
  const [, second, third] = config as unknown as readonly [number, number, number]
  const depth = (third & 0x40) === 0 ? 8 : (third & 0x20) === 0 ? 10 : 12
  return `av01.${second >> 5}.${two(second & 0x1f)}${(third & 0x80) === 0 ? 'M' : 'H'}.${two(depth)}`
}

/** VP Codec ISO Media File Format Binding, with or without version and flags before it. */
function vp9(config: Uint8Array): string {
  const at = config.length > 11 && config[0] === 1 && (config[1]! | config[2]! | config[3]!) === 0 ? 4 : 0
  return `vp09.${two(config[at]!)}.${two(config[at + 1]! || 10)}.${two(config[at + 2]! >> 4)}`
}

/** Audio object type (ISO/IEC 14496-3 §1.6.2.1). */
function aacType(config: Uint8Array): number {
  const type = config[0]! >> 3
  return type < 31 ? type : 32 + ((config[0]! & 7) << 3) + (config[1]! >> 5)
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

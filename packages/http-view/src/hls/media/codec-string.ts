import type { StreamTrack } from '@rtmpipe/plugins/mp4'

/** Pixels in a picture and in a second, by level times ten (VP9 levels, annex A). */
const vp9Levels: readonly (readonly [level: number, size: number, rate: number])[] = [
  [10, 36_864, 829_440],
  [11, 73_728, 2_764_800],
  [20, 122_880, 4_608_000],
  [21, 245_760, 9_216_000],
  [30, 552_960, 20_736_000],
  [31, 983_040, 36_864_000],
  [40, 2_228_224, 83_558_400],
  [41, 2_228_224, 160_432_128],
  [50, 8_912_896, 311_951_360],
  [51, 8_912_896, 588_251_136],
  [52, 8_912_896, 1_176_502_272],
  [60, 35_651_584, 1_176_502_272],
  [61, 35_651_584, 2_353_004_544],
]

/** A codec as the attribute CODECS has it (RFC 6381 and what each codec's binding says). */
export function codecString(track: StreamTrack, frameRate: number): string {
  const config = Buffer.from(track.config ?? [])
  switch (track.codec) {
    case 'avc1':
      return `avc1.${config.toString('hex', 1, 4).toUpperCase()}`
    case 'hvc1':
      return hevc(config)
    case 'av01':
      return av1(config)
    case 'vp09':
      return vp9(config, track, frameRate)
    case 'mp4a':
      return `mp4a.40.${aacType(config)}`
    case 'mp3':
      return 'mp4a.40.34'
    default:
      return track.codec
  }
}

/** ISO/IEC 14496-15 annex E.3. */
function hevc(config: Buffer): string {
  const first = config.readUInt8(1)
  const space = ['', 'A', 'B', 'C'][first >> 6]
  const compatible = reversed(config.readUInt32BE(2)).toString(16).toUpperCase()
  const constraints = [...config.subarray(6, 12)]
  while (constraints.at(-1) === 0) constraints.pop()
  const tail = constraints.map(byte => `.${byte.toString(16).toUpperCase()}`).join('')
  const tier = (first & 0x20) !== 0 ? 'H' : 'L'
  return `hvc1.${space}${first & 0x1f}.${compatible}.${tier}${config.readUInt8(12)}${tail}`
}

function reversed(bits: number): number {
  let value = 0
  for (let place = 0; place < 32; place += 1) if ((bits >>> place) & 1) value += 2 ** (31 - place)
  return value
}

/** AV1 Codec ISO Media File Format Binding §5. */
function av1(config: Buffer): string {
  const [level, colors] = [config.readUInt8(1), config.readUInt8(2)]
  const depth = (colors & 0x40) === 0 ? 8 : (colors & 0x20) === 0 ? 10 : 12
  return `av01.${level >> 5}.${two(level & 0x1f)}${(colors & 0x80) !== 0 ? 'H' : 'M'}.${two(depth)}`
}

/** VP Codec ISO Media File Format Binding; a level that the stream does not say is the lowest that is enough. */
function vp9(config: Buffer, { output }: StreamTrack, frameRate: number): string {
  const record = config.length >= 12 && config.readUInt32BE(0) === 0x0100_0000 ? config.subarray(4) : config
  const size = output.width * output.height
  const found = vp9Levels.find(([, most, rate]) => size <= most && size * frameRate <= rate)
  const level = record.readUInt8(1) || (found?.[0] ?? 62)
  return `vp09.${two(record.readUInt8(0))}.${two(level)}.${two(record.readUInt8(2) >> 4)}`
}

/** Audio object type (ISO/IEC 14496-3 §1.6.2.1). */
function aacType(config: Buffer): number {
  const type = config.readUInt8(0) >> 3
  return type === 31 ? 32 + ((config.readUInt16BE(0) >> 5) & 0x3f) : type
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

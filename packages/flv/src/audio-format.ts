/** What the configuration of a decoder says of the sound. */
export interface AudioFormat {
  /** Samples per second. */
  readonly sampleRate: number
  /** Channels, low-frequency ones included. */
  readonly channels: number
}

/** The sound that a decoder configuration is for: AAC, Opus. Undefined for other codecs, and if it does not say. */
export function audioFormatOf(codec: string, config: Buffer): AudioFormat | undefined {
  if (codec === 'mp4a') return aacFormat(config)
  if (codec === 'Opus' && config.length >= 19) return { sampleRate: 48_000, channels: config.readUInt8(9) }
  return undefined
}

const aacRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350]
/** The first: the layout is in the data, and mostly it is stereo. */
const aacChannels = [2, 1, 2, 3, 4, 5, 6, 8]

/** AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1). */
function aacFormat(config: Buffer): AudioFormat | undefined {
  if (config.length < 2) return undefined
  const bits = Buffer.concat([config.subarray(0, 6), Buffer.alloc(6)])
  const rateIndex = (bits.readUInt16BE(0) >> 7) & 0x0f
  const isExplicit = rateIndex === 15
  const sampleRate = isExplicit ? (bits.readUInt32BE(1) >>> 7) & 0xff_ffff : (aacRates[rateIndex] ?? 0)
  const channels = aacChannels[(bits.readUInt8(isExplicit ? 4 : 1) >> 3) & 0x0f] ?? 0
  return sampleRate > 0 && channels > 0 ? { sampleRate, channels } : undefined
}

import type { AudioCodec as RtmpAudioCodec } from '@rtmpipe/flv'
import type { AudioCodec } from 'mediabunny'
import { RecordError } from './errors.ts'

/** A codec by mediabunny's name, and what MP4 says of the sound. */
export interface Mp4Audio {
  readonly codec: AudioCodec
  readonly codecString: string
  readonly sampleRate: number
  readonly numberOfChannels: number
  /** The decoder's configuration where there is one. */
  readonly description?: Uint8Array
}

/**
 * @param config body of the sequence header; undefined if none came
 * @param frame the first frame, which says what codecs without a header don't
 * @throws RecordError `RTMP_ERR_RECORD_CODEC`
 */
export function mp4Audio(codec: RtmpAudioCodec, config: Uint8Array | undefined, frame: Uint8Array): Mp4Audio {
  const found = read(codec, bytesOf(config), bytesOf(frame) ?? Buffer.alloc(0))
  if (found !== undefined && found.sampleRate > 0 && found.numberOfChannels > 0) return found
  throw new RecordError('RTMP_ERR_RECORD_CODEC', `${codec} audio does not say what MP4 wants to know of it`)
}

function read(codec: RtmpAudioCodec, config: Buffer | undefined, frame: Buffer): Mp4Audio | undefined {
  switch (codec) {
    case 'mp4a':
      return config && aac(config)
    case 'Opus':
      return opus(config)
    case 'fLaC':
      return config && flac(config)
    case 'mp3':
      return mp3(frame)
    case 'ac-3':
      return ac3(frame)
    case 'ec-3':
      return eac3(frame)
    default:
      throw new RecordError('RTMP_ERR_RECORD_CODEC', `MP4 has no place for ${codec} audio`)
  }
}

const aacRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350]
const aacChannels = [2, 1, 2, 3, 4, 5, 6, 8]

/** AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1). */
function aac(description: Buffer): Mp4Audio | undefined {
  if (description.length < 2) return undefined
  const bits = Buffer.concat([description.subarray(0, 6), Buffer.alloc(6)])
  const objectType = bits.readUInt16BE(0) >> 11
  const rateIndex = (bits.readUInt16BE(0) >> 7) & 0x0f
  const isExplicit = rateIndex === 15
  const sampleRate = isExplicit ? (bits.readUInt32BE(1) >>> 7) & 0xff_ffff : (aacRates[rateIndex] ?? 0)
  const channels = (bits.readUInt8(isExplicit ? 4 : 1) >> 3) & 0x0f
  const numberOfChannels = aacChannels[channels] ?? 0
  return { codec: 'aac', codecString: `mp4a.40.${objectType}`, sampleRate, numberOfChannels, description }
}

/** Identification header (RFC 7845 §5.1), which may be missing. */
function opus(config: Buffer | undefined): Mp4Audio {
  const isHeader = config !== undefined && config.length >= 19
  return {
    codec: 'opus',
    codecString: 'opus',
    sampleRate: 48_000,
    numberOfChannels: isHeader ? config.readUInt8(9) : 2,
    ...(isHeader && { description: config }),
  }
}

/** `fLaC` and STREAMINFO (RFC 9639 §8.2), which some send without the header of its block. */
function flac(config: Buffer): Mp4Audio | undefined {
  const magic = config.toString('latin1', 0, 4) === 'fLaC' ? 4 : 0
  const hasHeader = (config[magic] ?? 0) % 0x80 === 0 && config.length >= magic + 38
  const info = config.subarray(hasHeader ? magic + 4 : magic).subarray(0, 34)
  if (info.length < 34) return undefined
  const packed = info.readUInt32BE(10)
  return {
    codec: 'flac',
    codecString: 'flac',
    sampleRate: packed >>> 12,
    numberOfChannels: ((packed >> 9) & 7) + 1,
    description: Buffer.concat([Buffer.from('664c614380000022', 'hex'), info]),
  }
}

const mp3Rates = [44_100, 48_000, 32_000]

/** Frame header (ISO/IEC 11172-3 §2.4.1.3). */
function mp3(frame: Buffer): Mp4Audio | undefined {
  if (frame.length < 4 || frame.readUInt16BE(0) >> 5 !== 0x7ff) return undefined
  const version = (frame.readUInt8(1) >> 3) & 3
  const rate = mp3Rates[(frame.readUInt8(2) >> 2) & 3] ?? 0
  const sampleRate = version === 3 ? rate : version === 2 ? rate / 2 : rate / 4
  return { codec: 'mp3', codecString: 'mp3', sampleRate, numberOfChannels: frame.readUInt8(3) >> 6 === 3 ? 1 : 2 }
}

const ac3Rates = [48_000, 44_100, 32_000]
const ac3Channels = [2, 1, 2, 3, 3, 4, 4, 5]

/** Bits between `acmod` and `lfeon` (ETSI TS 102 366 §4.3). */
function mixBits(mode: number): number {
  return ((mode & 1) === 1 && mode !== 1 ? 2 : 0) + ((mode & 4) === 4 ? 2 : 0) + (mode === 2 ? 2 : 0)
}

/** Synchronization and bit stream information (ETSI TS 102 366 §4.3). */
function ac3(frame: Buffer): Mp4Audio | undefined {
  if (frame.length < 8 || frame.readUInt16BE(0) !== 0x0b77) return undefined
  const mode = frame.readUInt8(6) >> 5
  const hasLfe = (frame.readUInt16BE(6) >> (12 - mixBits(mode))) & 1
  const sampleRate = ac3Rates[frame.readUInt8(4) >> 6] ?? 0
  return { codec: 'ac3', codecString: 'ac-3', sampleRate, numberOfChannels: (ac3Channels[mode] ?? 0) + hasLfe }
}

/** Annex E of the same. */
function eac3(frame: Buffer): Mp4Audio | undefined {
  if (frame.length < 6 || frame.readUInt16BE(0) !== 0x0b77) return undefined
  const bits = frame.readUInt8(4)
  const sampleRate = ac3Rates[bits >> 6] ?? (ac3Rates[(bits >> 4) & 3] ?? 0) / 2
  const numberOfChannels = (ac3Channels[(bits >> 1) & 7] ?? 0) + (bits & 1)
  return { codec: 'eac3', codecString: 'ec-3', sampleRate, numberOfChannels }
}

function bytesOf(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

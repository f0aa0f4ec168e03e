import { type AudioCodec, audioFormatOf } from '@rtmpipe/flv'
import { box, fullBox, uint16, uint8 } from './box.ts'
import { esds, mpeg4Config } from './esds.ts'
import { audioEntry } from './fragment-boxes.ts'
import { dopsOf } from './opus.ts'
import type { OutputTrack } from './output.ts'
import { Mp4Error } from './errors.ts'

/** Fields of MP4 about the sound. */
interface Mp4Audio {
  /** Type of the sample entry. */
  readonly format: string
  readonly sampleRate: number
  readonly channels: number
  /** The box that configures the decoder. */
  readonly config: Buffer
}

/**
 * @param config body of the sequence header; undefined if none came
 * @param frame the first frame, for codecs that have no header
 * @throws Mp4Error for what MP4 has no place for, or does not know enough of
 */
export function describeAudio(codec: AudioCodec, config: Uint8Array | undefined, frame: Uint8Array): OutputTrack {
  const found = read(codec, bytesOf(config), bytesOf(frame) ?? Buffer.alloc(0))
  if (found === undefined || !(found.sampleRate > 0 && found.channels > 0))
    throw new Mp4Error(`${codec} audio does not say what MP4 wants to know of it`)
  const { format, sampleRate, channels } = found
  const entry = audioEntry(format, channels, sampleRate, found.config)
  return { kind: 'audio', timescale: sampleRate, entry, width: 0, height: 0 }
}

function read(codec: AudioCodec, config: Buffer | undefined, frame: Buffer): Mp4Audio | undefined {
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
      throw new Mp4Error(`MP4 has no place for ${codec} audio`)
  }
}

function aac(config: Buffer): Mp4Audio | undefined {
  const format = audioFormatOf('mp4a', config)
  return format && { format: 'mp4a', ...format, config: esds(mpeg4Config.aac, config) }
}

/** Identification header (RFC 7845 §5.1), which may be missing. */
function opus(config: Buffer | undefined): Mp4Audio {
  const header = config !== undefined && config.length >= 19 ? config : undefined
  const channels = header?.readUInt8(9) ?? 2
  return { format: 'Opus', sampleRate: 48_000, channels, config: dopsOf(header, channels) }
}

/** `fLaC` and STREAMINFO (RFC 9639 §8.2); some encoders leave out the header of its block. */
function flac(config: Buffer): Mp4Audio | undefined {
  const magic = config.toString('latin1', 0, 4) === 'fLaC' ? 4 : 0
  const hasHeader = (config[magic] ?? 0) % 0x80 === 0 && config.length >= magic + 38
  const info = config.subarray(hasHeader ? magic + 4 : magic).subarray(0, 34)
  if (info.length < 34) return undefined
  const packed = info.readUInt32BE(10)
  const block = fullBox('dfLa', 0, 0, uint8(0x80, 0, 0, info.length), info)
  return { format: 'fLaC', sampleRate: packed >>> 12, channels: ((packed >> 9) & 7) + 1, config: block }
}

const mp3Rates = [44_100, 48_000, 32_000]

/** Frame header (ISO/IEC 11172-3 §2.4.1.3). */
function mp3(frame: Buffer): Mp4Audio | undefined {
  if (frame.length < 4 || frame.readUInt16BE(0) >> 5 !== 0x7ff) return undefined
  const version = (frame.readUInt8(1) >> 3) & 3
  const rate = mp3Rates[(frame.readUInt8(2) >> 2) & 3] ?? 0
  const sampleRate = version === 3 ? rate : version === 2 ? rate / 2 : rate / 4
  const channels = frame.readUInt8(3) >> 6 === 3 ? 1 : 2
  return { format: 'mp4a', sampleRate, channels, config: esds(mpeg4Config.mp3, undefined) }
}

const ac3Rates = [48_000, 44_100, 32_000]
const ac3Channels = [2, 1, 2, 3, 3, 4, 4, 5]

/** Bits between `acmod` and `lfeon` (ETSI TS 102 366 §4.3). */
function mixBits(mode: number): number {
  return ((mode & 1) === 1 && mode !== 1 ? 2 : 0) + ((mode & 4) === 4 ? 2 : 0) + (mode === 2 ? 2 : 0)
}

/** Synchronization and bit stream information (ETSI TS 102 366 §4.3), in MP4 as its annex F.4 says. */
function ac3(frame: Buffer): Mp4Audio | undefined {
  if (frame.length < 8 || frame.readUInt16BE(0) !== 0x0b77) return undefined
  const [rates, stream] = [frame.readUInt8(4), frame.readUInt8(5)]
  const mode = frame.readUInt8(6) >> 5
  const lfe = (frame.readUInt16BE(6) >> (12 - mixBits(mode))) & 1
  const bits = ((rates >> 6) << 22) | (stream << 14) | (mode << 11) | (lfe << 10) | (((rates & 0x3f) >> 1) << 5)
  const config = box('dac3', uint8(bits >> 16, (bits >> 8) & 0xff, bits & 0xff))
  return { format: 'ac-3', sampleRate: ac3Rates[rates >> 6] ?? 0, channels: (ac3Channels[mode] ?? 0) + lfe, config }
}

const eac3Blocks = [1, 2, 3, 6]

/** Annex E of the same, and F.6: one independent substream, whose bit rate is that of this frame. */
function eac3(frame: Buffer): Mp4Audio | undefined {
  if (frame.length < 6 || frame.readUInt16BE(0) !== 0x0b77) return undefined
  const bits = frame.readUInt8(4)
  const [rate, blocks] = [bits >> 6, (bits >> 4) & 3]
  const sampleRate = ac3Rates[rate] ?? (ac3Rates[blocks] ?? 0) / 2
  const [mode, lfe] = [(bits >> 1) & 7, bits & 1]
  const size = ((frame.readUInt16BE(2) & 0x7ff) + 1) * 2
  const samples = 256 * (rate === 3 ? 6 : (eac3Blocks[blocks] ?? 6))
  const kilobits = Math.min(0x1fff, Math.round((size * 8 * sampleRate) / samples / 1000))
  const substream = (rate << 22) | ((frame.readUInt8(5) >> 3) << 17) | (mode << 9) | (lfe << 8)
  const config = box('dec3', uint16(kilobits << 3), uint8(substream >> 16, (substream >> 8) & 0xff, substream & 0xff))
  return { format: 'ec-3', sampleRate, channels: (ac3Channels[mode] ?? 0) + lfe, config }
}

function bytesOf(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

import { type AudioCodec, pictureSizeOf, type VideoCodec } from '@rtmpipe/flv'
import type { AudioSample, VideoSample } from '../sample-reader.ts'
import { soundFormat } from '../sound-format.ts'
import { box, fullBox, uint16, uint32, uint8, zeros } from './boxes.ts'

/** A track of one kind, described for a decoder. */
export interface Described {
  readonly kind: 'video' | 'audio'
  /** The sample entry (ISO/IEC 14496-12 §8.5.2). */
  readonly entry: Uint8Array
  /** Pixels; 0 of sound. */
  readonly width: number
  readonly height: number
}

const videoBoxes: Partial<Record<VideoCodec, (config: Uint8Array) => Uint8Array>> = {
  avc1: config => box('avcC', config),
  hvc1: config => box('hvcC', config),
  av01: config => box('av1C', config),
  vp09: config => fullBox('vpcC', 1, 0, config.length > 11 && config[0] === 1 ? config.subarray(4) : config),
}

/** Undefined for what has no place in MP4, or does not say how large its pictures are. */
export function describeVideo({ codec, config, data }: VideoSample): Described | undefined {
  const size = config && pictureSizeOf(codec, config, data)
  const configBox = videoBoxes[codec]
  if (config === undefined || size === undefined || configBox === undefined) return undefined
  const { width, height } = size
  const before = [zeros(6), uint16(1), zeros(16), uint16(width, height)]
  const after = [uint32(0x48_0000, 0x48_0000, 0), uint16(1), zeros(32), uint16(0x18, 0xffff)]
  return { kind: 'video', entry: box(codec, ...before, ...after, configBox(config)), width, height }
}

const audioBoxes: Partial<Record<AudioCodec, (config: Uint8Array | undefined, channels: number) => Uint8Array>> = {
  mp4a: config => esds(config ?? zeros(0)),
  Opus: (config, channels) => dops(config, channels),
}

/** Undefined for what has no place here. */
export function describeAudio({ codec, config, data }: AudioSample): Described | undefined {
  const format = soundFormat(codec, config, data)
  const configBox = audioBoxes[codec]?.(config, format?.channels ?? 2)
  if (format === undefined || configBox === undefined) return undefined
  const { sampleRate, channels } = format
  const rate = uint16(sampleRate > 0xffff ? 0 : sampleRate, 0)
  const head = [zeros(6), uint16(1), zeros(8), uint16(channels, 16), zeros(4), rate]
  return { kind: 'audio', entry: box(codec, ...head, configBox), width: 0, height: 0 }
}

/** Elementary stream descriptor of AAC (ISO/IEC 14496-1 §7.2.6.5); of buffer and rates, nothing is known. */
function esds(config: Uint8Array): Uint8Array {
  const specific = [5, config.length, ...config]
  const decoder = [4, 13 + specific.length, 0x40, 0x15, ...zeros(11), ...specific]
  const stream = [3, 3 + decoder.length + 3, 0, 0, 0, ...decoder, 6, 1, 2]
  return fullBox('esds', 0, 0, uint8(...stream))
}

/** The identification header (RFC 7845 §5.1) in the other byte order; without one, what most encoders send. */
function dops(head: Uint8Array | undefined, channels: number): Uint8Array {
  if (head === undefined || head.length < 19)
    return box('dOps', uint8(0, channels), uint16(312), uint32(48_000), zeros(3))
  const at = (from: number, to: number) => head.subarray(from, to).toReversed()
  return box('dOps', uint8(0, head[9] ?? channels), at(10, 12), at(12, 16), at(16, 18), head.subarray(18))
}

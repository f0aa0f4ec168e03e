import { propertiesOf, type AmfObject } from '@rtmpipe/amf'
import { type PictureSize, pictureSizeOf, type VideoCodec } from '@rtmpipe/flv'
import { box, fullBox } from '../mp4/box.ts'
import { videoEntry } from '../mp4/fragment-writer.ts'
import type { OutputTrack } from '../mp4/output.ts'
import { RecordError } from './errors.ts'
import type { Mp4Sample } from './mp4-samples.ts'

/** Pixels. */
const maxSize = 16_384
/** Milliseconds, as in RTMP: so all times of pictures are whole numbers. */
const timescale = 1_000

/**
 * @param sample a frame of the track
 * @param config body of the sequence header; undefined if none came
 * @param properties the publisher's metadata: they tell the size of pictures if the header does not
 * @throws RecordError `RTMP_ERR_RECORD_CODEC`
 */
export function mp4Video(
  { codec, trackId }: Mp4Sample & { readonly kind: 'video' },
  config: Uint8Array | undefined,
  properties: AmfObject,
): OutputTrack {
  const { type, least } = boxes[codec] ?? {}
  if (type === undefined || least === undefined)
    throw new RecordError('RTMP_ERR_RECORD_CODEC', `MP4 has no place for ${codec} video`)
  if (config === undefined || config.length < least)
    throw new RecordError('RTMP_ERR_RECORD_CODEC', `${codec} video came without its sequence header`)
  const record = Buffer.from(config.buffer, config.byteOffset, config.byteLength)
  const { width, height } = sound(pictureSizeOf(codec, record)) ?? said(properties, trackId)
  const entry = videoEntry(codec, width, height, type === 'vpcC' ? vp9(record) : box(type, record))
  return { kind: 'video', timescale, entry, width, height }
}

/** The box for the configuration of a decoder, and its least number of bytes. */
const boxes: Partial<Record<VideoCodec, { readonly type: string; readonly least: number }>> = {
  avc1: { type: 'avcC', least: 7 },
  hvc1: { type: 'hvcC', least: 23 },
  av01: { type: 'av1C', least: 4 },
  vp09: { type: 'vpcC', least: 8 },
}

/** VPCodecConfigurationRecord ("VP Codec ISO Media File Format Binding"), with or without the version before it. */
function vp9(config: Buffer): Buffer {
  const hasVersion = config.length >= 12 && config.readUInt32BE(0) === 0x0100_0000
  return fullBox('vpcC', 1, 0, hasVersion ? config.subarray(4) : config)
}

function said(properties: AmfObject, trackId: number): PictureSize {
  const tracks = propertiesOf(properties['videoTrackIdInfoMap'])
  const { width, height } = { ...properties, ...propertiesOf(tracks?.[trackId]) }
  const size = sound({ width: Number(width), height: Number(height) })
  if (size !== undefined) return size
  throw new RecordError('RTMP_ERR_RECORD_CODEC', 'neither sequence header nor metadata say how large the pictures are')
}

function sound(size: PictureSize | undefined): PictureSize | undefined {
  const isSound = [size?.width, size?.height].every(value => Number.isInteger(value) && value! > 0 && value! <= maxSize)
  return isSound ? size : undefined
}

import { propertiesOf, type AmfObject } from '@rtmpipe/amf'
import { decoderConfigOf, type PictureSize, pictureSizeOf, type VideoCodec } from '@rtmpipe/flv'
import { box, fullBox, uint32 } from './box.ts'
import { videoEntry } from './fragment-boxes.ts'
import { Mp4Error } from './errors.ts'
import type { StreamDescription, StreamSample } from './stream-samples.ts'

/** Pixels. */
const maxSize = 16_384
/** Of the place for pixels as they are shown. */
const maxShown = 0xffff
/** Milliseconds, as in RTMP: so all times of pictures are whole numbers. */
const timescale = 1_000

/**
 * The bitstream is believed: what a keyframe says itself, then its sequence header, then the metadata.
 *
 * @param sample a keyframe of the track
 * @param header body of the sequence header; undefined if none came
 * @param properties the publisher's metadata: they tell the size of pictures if nothing else does
 * @throws Mp4Error for what MP4 has no place for, or does not know enough of
 */
export function describeVideo(
  { codec, trackId, data }: StreamSample & { readonly kind: 'video' },
  header: Uint8Array | undefined,
  properties: AmfObject,
): StreamDescription {
  const configBox = boxes[codec]
  if (configBox === undefined) throw new Mp4Error(`MP4 has no place for ${codec} video`)
  const keyframe = bufferOf(data)
  const config = decoderConfigOf(codec, header && bufferOf(header), keyframe)
  if (config === undefined) throw new Mp4Error(`${codec} video came without its sequence header`)
  const { width, height, pixelAspect } = sound(pictureSizeOf(codec, config, keyframe)) ?? said(properties, trackId)
  const [x, y] = pixelAspect ?? [1, 1]
  const shown = Math.round((width * x) / y)
  const isShaped = x !== y && shown > 0 && shown <= maxShown
  const shape = isShaped ? [box('pasp', uint32(x, y))] : []
  const entry = videoEntry(codec, width, height, Buffer.concat([configBox(config), ...shape]))
  return { output: { kind: 'video', timescale, entry, width: isShaped ? shown : width, height }, config }
}

/** The box for the configuration of a decoder. */
const boxes: Partial<Record<VideoCodec, (config: Buffer) => Buffer>> = {
  avc1: config => box('avcC', config),
  hvc1: config => box('hvcC', config),
  vvc1: config => fullBox('vvcC', 0, 0, config),
  av01: config => box('av1C', config),
  vp08: config => vpBox(config),
  vp09: config => vpBox(config),
}

/** VPCodecConfigurationRecord ("VP Codec ISO Media File Format Binding"), with or without the version before it. */
function vpBox(config: Buffer): Buffer {
  const hasVersion = config.length >= 12 && config.readUInt32BE(0) === 0x0100_0000
  return fullBox('vpcC', 1, 0, hasVersion ? config.subarray(4) : config)
}

function said(properties: AmfObject, trackId: number): PictureSize {
  const tracks = propertiesOf(properties['videoTrackIdInfoMap'])
  const { width, height } = { ...properties, ...propertiesOf(tracks?.[trackId]) }
  const size = sound({ width: Number(width), height: Number(height) })
  if (size !== undefined) return size
  throw new Mp4Error('neither the pictures nor metadata say how large the pictures are')
}

function sound(size: PictureSize | undefined): PictureSize | undefined {
  const isSound = [size?.width, size?.height].every(value => Number.isInteger(value) && value! > 0 && value! <= maxSize)
  return isSound ? size : undefined
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

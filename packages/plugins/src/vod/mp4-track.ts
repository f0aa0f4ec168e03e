import {
  AudioFourCc,
  AudioPacketType,
  encodeAudioTag,
  encodeVideoTag,
  SoundFormat,
  VideoCodecId,
  VideoFourCc,
  VideoFrameType,
  VideoPacketType,
} from '@rtmpipe/flv'
import type { EncodedPacket, InputAudioTrack, InputVideoTrack } from 'mediabunny'
import { av1Record, vp9Record } from './codec-records.ts'

/** How a track of an MP4 file is written in RTMP. */
export interface Mp4Track<Track> {
  readonly track: Track
  /** As `onMetaData` names it. */
  readonly codecId: number
  /** Sequence header, where the codec has one. */
  readonly header: Buffer | undefined
  /** @param compositionTime milliseconds */
  encode(packet: EncodedPacket, compositionTime: number): Buffer
}

/** What mediabunny says of a decoder, as WebCodecs has it. */
interface DecoderConfig {
  readonly codec: string
  readonly description?: Uint8Array
}

/** Undefined for codecs that RTMP has no place for. */
export async function mp4Video(track: InputVideoTrack): Promise<Mp4Track<InputVideoTrack> | undefined> {
  const codec = await track.getCodec()
  const config = (await track.getDecoderConfig()) as DecoderConfig | null
  if (config === null) return undefined
  const { codec: codecString, description } = config
  switch (codec) {
    case 'avc':
      return description && { track, ...legacyAvc(description) }
    case 'hevc':
      return description && { track, ...enhancedVideo(VideoFourCc.Hevc, description) }
    case 'av1':
      return { track, ...enhancedVideo(VideoFourCc.Av1, av1Record(codecString)) }
    case 'vp9':
      return { track, ...enhancedVideo(VideoFourCc.Vp9, vp9Record(codecString)) }
    default:
      return undefined
  }
}

/** Undefined for codecs that RTMP has no place for. */
export async function mp4Audio(track: InputAudioTrack): Promise<Mp4Track<InputAudioTrack> | undefined> {
  const codec = await track.getCodec()
  const config = (await track.getDecoderConfig()) as DecoderConfig | null
  const description = config?.description
  switch (codec) {
    case 'aac':
      return description && { track, ...legacyAac(description) }
    case 'mp3':
      return { track, ...legacyMp3(await track.getSampleRate(), await track.getNumberOfChannels()) }
    case 'opus':
      return { track, ...enhancedAudio(AudioFourCc.Opus, description) }
    case 'flac':
      return description && { track, ...enhancedAudio(AudioFourCc.Flac, description) }
    case 'ac3':
      return { track, ...enhancedAudio(AudioFourCc.Ac3) }
    case 'eac3':
      return { track, ...enhancedAudio(AudioFourCc.Eac3) }
    default:
      return undefined
  }
}

type Encoding = Omit<Mp4Track<unknown>, 'track'>

function frameTypeOf({ type }: EncodedPacket): number {
  return type === 'key' ? VideoFrameType.Key : VideoFrameType.Inter
}

function legacyAvc(record: Uint8Array): Encoding {
  const codecId = VideoCodecId.Avc
  const tag = (frameType: number, packetType: number, compositionTime: number, data: Uint8Array): Buffer =>
    encodeVideoTag({ kind: 'legacy', frameType, codecId, packetType, compositionTime, data })
  return {
    codecId,
    header: tag(VideoFrameType.Key, VideoPacketType.SequenceStart, 0, record),
    encode: (packet, compositionTime) =>
      tag(frameTypeOf(packet), VideoPacketType.CodedFrames, compositionTime, packet.data),
  }
}

function enhancedVideo(fourCc: string, record: Uint8Array): Encoding {
  const isTimed = fourCc === VideoFourCc.Hevc
  const tag = (frameType: number, packetType: number, compositionTime: number, data: Uint8Array): Buffer =>
    encodeVideoTag({
      kind: 'enhanced',
      frameType,
      modEx: [],
      packetType,
      multitrackType: undefined,
      tracks: [{ trackId: 0, fourCc, compositionTime: isTimed ? compositionTime : 0, data }],
    })
  return {
    codecId: numberOf(fourCc),
    header: tag(VideoFrameType.Key, VideoPacketType.SequenceStart, 0, record),
    encode: (packet, compositionTime) =>
      tag(frameTypeOf(packet), VideoPacketType.CodedFrames, compositionTime, packet.data),
  }
}

function legacyAac(config: Uint8Array): Encoding {
  const tag = (packetType: number, data: Uint8Array): Buffer =>
    encodeAudioTag({
      kind: 'legacy',
      soundFormat: SoundFormat.Aac,
      soundRate: 3,
      soundSize: 1,
      soundType: 1,
      packetType,
      data,
    })
  return {
    codecId: SoundFormat.Aac,
    header: tag(AudioPacketType.SequenceStart, config),
    encode: ({ data }) => tag(AudioPacketType.CodedFrames, data),
  }
}

/** The rate bits know no more than four; decoders read the frames. */
function legacyMp3(sampleRate: number, channels: number): Encoding {
  const soundRate = [8_000, 16_000, 30_000].filter(rate => sampleRate > rate).length
  const soundType = channels > 1 ? 1 : 0
  return {
    codecId: SoundFormat.Mp3,
    header: undefined,
    encode: ({ data }) =>
      encodeAudioTag({
        kind: 'legacy',
        soundFormat: SoundFormat.Mp3,
        soundRate,
        soundSize: 1,
        soundType,
        packetType: undefined,
        data,
      }),
  }
}

function enhancedAudio(fourCc: string, config?: Uint8Array): Encoding {
  const tag = (packetType: number, data: Uint8Array): Buffer =>
    encodeAudioTag({
      kind: 'enhanced',
      modEx: [],
      packetType,
      multitrackType: undefined,
      tracks: [{ trackId: 0, fourCc, data }],
    })
  return {
    codecId: numberOf(fourCc),
    header: config && tag(AudioPacketType.SequenceStart, config),
    encode: ({ data }) => tag(AudioPacketType.CodedFrames, data),
  }
}

function numberOf(fourCc: string): number {
  return Buffer.from(fourCc, 'latin1').readUInt32BE(0)
}

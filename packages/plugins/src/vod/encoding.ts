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
import type { Mp4Description } from '../mp4/movie.ts'

/** How samples of an MP4 file are written in RTMP. */
export interface Encoding {
  /** As `onMetaData` names it. */
  readonly codecId: number
  /** Sequence header, where the codec has one. */
  readonly header: Buffer | undefined
  /** @param compositionTime milliseconds */
  encode(data: Uint8Array, isKey: boolean, compositionTime: number): Buffer
}

/** Undefined for codecs that RTMP has no place for, and for tracks without their configuration. */
export function encodingOf({ codec, config, sampleRate, channels }: Mp4Description): Encoding | undefined {
  switch (codec) {
    case 'avc1':
      return config && legacyAvc(config)
    case 'hvc1':
      return config && enhancedVideo(VideoFourCc.Hevc, config)
    case 'av01':
      return config && enhancedVideo(VideoFourCc.Av1, config)
    case 'vp09':
      return config && enhancedVideo(VideoFourCc.Vp9, config)
    case 'vp08':
      return config && enhancedVideo(VideoFourCc.Vp8, config)
    case 'vvc1':
      return config && enhancedVideo(VideoFourCc.Vvc, config)
    case 'mp4a':
      return config && legacyAac(config)
    case 'mp3':
      return legacyMp3(sampleRate, channels)
    case 'Opus':
      return enhancedAudio(AudioFourCc.Opus, config)
    case 'fLaC':
      return config && enhancedAudio(AudioFourCc.Flac, config)
    case 'ac-3':
      return enhancedAudio(AudioFourCc.Ac3)
    case 'ec-3':
      return enhancedAudio(AudioFourCc.Eac3)
    default:
      return undefined
  }
}

function frameTypeOf(isKey: boolean): number {
  return isKey ? VideoFrameType.Key : VideoFrameType.Inter
}

function legacyAvc(record: Uint8Array): Encoding {
  const codecId = VideoCodecId.Avc
  const tag = (frameType: number, packetType: number, compositionTime: number, data: Uint8Array): Buffer =>
    encodeVideoTag({ kind: 'legacy', frameType, codecId, packetType, compositionTime, data })
  return {
    codecId,
    header: tag(VideoFrameType.Key, VideoPacketType.SequenceStart, 0, record),
    encode: (data, isKey, compositionTime) =>
      tag(frameTypeOf(isKey), VideoPacketType.CodedFrames, compositionTime, data),
  }
}

function enhancedVideo(fourCc: string, record: Uint8Array): Encoding {
  const isTimed = fourCc === VideoFourCc.Hevc || fourCc === VideoFourCc.Vvc
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
    encode: (data, isKey, compositionTime) =>
      tag(frameTypeOf(isKey), VideoPacketType.CodedFrames, compositionTime, data),
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
    encode: data => tag(AudioPacketType.CodedFrames, data),
  }
}

/** The rate bits can express only four rates; decoders read the rate from the frames. */
function legacyMp3(sampleRate: number, channels: number): Encoding {
  const soundRate = [8_000, 16_000, 30_000].filter(rate => sampleRate > rate).length
  const soundType = channels > 1 ? 1 : 0
  return {
    codecId: SoundFormat.Mp3,
    header: undefined,
    encode: data =>
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
    encode: data => tag(AudioPacketType.CodedFrames, data),
  }
}

function numberOf(fourCc: string): number {
  return Buffer.from(fourCc, 'latin1').readUInt32BE(0)
}

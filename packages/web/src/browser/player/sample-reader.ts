import {
  type AudioCodec,
  AudioPacketType,
  decoderConfigOf,
  isEmptyHeader,
  type MediaMessage,
  type MediaTrack,
  parseAudioHeader,
  parseVideoHeader,
  TagType,
  type VideoCodec,
  VideoFrameType,
  VideoPacketType,
} from '@rtmpipe/flv'
import { StreamTime } from './stream-time.ts'

/** A picture or some sound, with what its decoder has to know. */
export type Sample = VideoSample | AudioSample

interface AnySample {
  /** Body of the sequence header that holds for it; undefined where the codec has none. */
  readonly config: Buffer | undefined
  /** True if codec or configuration are others than those of the sample before. */
  readonly isNew: boolean
  /** Something is missing before it, or it comes from elsewhere. */
  readonly isCut: boolean
  /** Milliseconds, when it is to be shown or heard. */
  readonly time: number
  readonly data: Buffer
}

/** A picture. */
export interface VideoSample extends AnySample {
  readonly kind: 'video'
  readonly codec: VideoCodec
  readonly isKey: boolean
  /** Milliseconds, when it is to be decoded. */
  readonly decodeTime: number
}

/** Some sound. */
export interface AudioSample extends AnySample {
  readonly kind: 'audio'
  readonly codec: AudioCodec
}

/** Codec and configuration of the last sample, and the newest header. */
interface Memory<Codec> {
  header?: { readonly codec: Codec; readonly data: Buffer }
  codec?: Codec
  config?: Buffer | undefined
  jumps: number
  isCut: boolean
}

/** Bytes of a sequence header; real ones have some hundreds. */
const maxHeader = 64 * 1024

/** Makes samples of RTMP's messages: those of the default track, whatever else is in them. */
export class SampleReader {
  readonly #time = new StreamTime()
  readonly #video: Memory<VideoCodec> = { jumps: 0, isCut: false }
  readonly #audio: Memory<AudioCodec> = { jumps: 0, isCut: false }

  /** What comes is from elsewhere. */
  cut(): void {
    this.#video.isCut = this.#audio.isCut = true
    this.#time.cut()
  }

  /** Undefined for headers, metadata and what nobody knows. */
  read(message: MediaMessage): Sample | undefined {
    if (message.discontinuity === true) this.cut()
    if (message.messageTypeId === TagType.Video) return this.#readVideo(message)
    return message.messageTypeId === TagType.Audio ? this.#readAudio(message) : undefined
  }

  #readVideo(message: MediaMessage): VideoSample | undefined {
    const header = parseVideoHeader(message.payload)
    const track = defaultTrack(header?.tracks)
    if (header === undefined || track === undefined) return undefined
    const data = message.payload.subarray(track.bodyStart, track.bodyEnd)
    const { packetType, frameType, timestampOffsetNano } = header
    if (packetType === VideoPacketType.SequenceStart) return keep(this.#video, message, track.codec, data)
    if (packetType !== VideoPacketType.CodedFrames && packetType !== VideoPacketType.CodedFramesX) return undefined
    const isKey = frameType === VideoFrameType.Key || frameType === VideoFrameType.GeneratedKey
    const { codec } = track
    const known = this.#video.header?.codec === codec ? this.#video.header.data : undefined
    // Between keyframes, nothing changes.
    const config = isKey || this.#video.codec !== codec ? decoderConfigOf(codec, known, data) : this.#video.config
    const decodeTime = this.#time.at(message.timestamp)
    const time = decodeTime + track.compositionTime + timestampOffsetNano / 1e6
    return { kind: 'video', codec, isKey, time, decodeTime, data, config, ...this.#changes(this.#video, codec, config) }
  }

  #readAudio(message: MediaMessage): AudioSample | undefined {
    const header = parseAudioHeader(message.payload)
    const track = defaultTrack(header?.tracks)
    if (header === undefined || track === undefined) return undefined
    const data = message.payload.subarray(track.bodyStart, track.bodyEnd)
    if (header.packetType === AudioPacketType.SequenceStart) return keep(this.#audio, message, track.codec, data)
    if (header.packetType !== AudioPacketType.CodedFrames || data.length === 0) return undefined
    const { codec } = track
    const config = this.#audio.header?.codec === codec ? this.#audio.header.data : undefined
    const time = this.#time.at(message.timestamp) + header.timestampOffsetNano / 1e6
    return { kind: 'audio', codec, time, data, config, ...this.#changes(this.#audio, codec, config) }
  }

  #changes<Codec>(memory: Memory<Codec>, codec: Codec, config: Buffer | undefined): { isNew: boolean; isCut: boolean } {
    const isNew = memory.codec !== codec || !isSame(memory.config, config)
    const isCut = memory.isCut || memory.jumps !== this.#time.jumps
    Object.assign(memory, { codec, config, jumps: this.#time.jumps, isCut: false })
    return { isNew, isCut }
  }
}

function keep<Codec>(memory: Memory<Codec>, message: MediaMessage, codec: Codec, data: Buffer): undefined {
  if (data.length <= maxHeader && !isEmptyHeader(message, 0)) memory.header = { codec, data: Buffer.from(data) }
}

function defaultTrack<Track extends MediaTrack<unknown>>(tracks: readonly Track[] = []): Track | undefined {
  return tracks.find(({ trackId }) => trackId === 0)
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && one.equals(other))
}

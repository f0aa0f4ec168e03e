import {
  type AudioCodec,
  AudioPacketType,
  parseAudioHeader,
  parseVideoHeader,
  TagType,
  type VideoCodec,
  VideoFrameType,
  VideoPacketType,
} from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'
import type { OutputTrack } from './output.ts'

/** One track's part of a message. */
export type StreamSample = {
  /** Unique among the tracks of a stream. */
  readonly track: string
  readonly trackId: number
  /** `config` is a sequence header. */
  readonly role: 'config' | 'frame'
  readonly isKey: boolean
  /** Milliseconds to add to the time. */
  readonly compositionTime: number
  readonly data: Uint8Array
} & ({ readonly kind: 'video'; readonly codec: VideoCodec } | { readonly kind: 'audio'; readonly codec: AudioCodec })

/** What a track says of its samples. */
export interface StreamDescription {
  readonly output: OutputTrack
  /** The decoder's configuration that it was made of; undefined where frames say all. */
  readonly config: Uint8Array | undefined
}

/** Bytes of a sequence header that says something; some encoders send empty ones. */
const leastHeaders: Partial<Record<VideoCodec | AudioCodec, number>> = {
  avc1: 7,
  hvc1: 23,
  vvc1: 2,
  av01: 4,
  vp08: 8,
  vp09: 8,
  mp4a: 2,
}

/**
 * The sequence headers and frames in a message, of any number of tracks; empty for messages that MP4 does not hold, and for
 * headers that say nothing.
 */
export function streamSamples({ messageTypeId, payload }: RtmpMessage): StreamSample[] {
  const samples =
    messageTypeId === TagType.Video
      ? videoSamples(payload)
      : messageTypeId === TagType.Audio
        ? audioSamples(payload)
        : []
  return samples.filter(({ role, codec, data }) => role === 'frame' || data.length >= (leastHeaders[codec] ?? 1))
}

function videoSamples(payload: Buffer): StreamSample[] {
  const header = parseVideoHeader(payload)
  if (header === undefined) return []
  const { packetType, frameType } = header
  const isFrame = packetType === VideoPacketType.CodedFrames || packetType === VideoPacketType.CodedFramesX
  if (!isFrame && packetType !== VideoPacketType.SequenceStart) return []
  return header.tracks.map(({ trackId, codec, compositionTime, bodyStart, bodyEnd }) => ({
    kind: 'video',
    track: `video ${trackId}`,
    trackId,
    role: isFrame ? 'frame' : 'config',
    isKey: frameType === VideoFrameType.Key || frameType === VideoFrameType.GeneratedKey,
    codec,
    compositionTime,
    data: payload.subarray(bodyStart, bodyEnd),
  }))
}

function audioSamples(payload: Buffer): StreamSample[] {
  const header = parseAudioHeader(payload)
  if (header === undefined) return []
  const isFrame = header.packetType === AudioPacketType.CodedFrames
  if (!isFrame && header.packetType !== AudioPacketType.SequenceStart) return []
  return header.tracks.map(({ trackId, codec, bodyStart, bodyEnd }) => ({
    kind: 'audio',
    track: `audio ${trackId}`,
    trackId,
    role: isFrame ? 'frame' : 'config',
    isKey: true,
    codec,
    compositionTime: 0,
    data: payload.subarray(bodyStart, bodyEnd),
  }))
}

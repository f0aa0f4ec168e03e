import {
  type AudioTag,
  AudioFourCc,
  AudioPacketType,
  MultitrackType,
  parseAudioHeader,
  parseVideoHeader,
  VideoFourCc,
  VideoFrameType,
  VideoPacketType,
  type VideoTag,
} from '@rtmpipe/flv'
import type { PlainValue } from '../plain-value.ts'
import type { Body } from './body.ts'

const frameTypes = namesOf(VideoFrameType)
const videoPacketTypes = namesOf(VideoPacketType)
const audioPacketTypes = namesOf(AudioPacketType)
const avcPacketTypes = new Map([...videoPacketTypes].filter(([value]) => value <= VideoPacketType.SequenceEnd))
const aacPacketTypes = new Map([...audioPacketTypes].filter(([value]) => value <= AudioPacketType.CodedFrames))
const fourCcs: ReadonlySet<string> = new Set([...Object.values(VideoFourCc), ...Object.values(AudioFourCc)])
const multitrackTypes = namesOf(MultitrackType)
const soundRates = [5_512, 11_025, 22_050, 44_100]

/** A video message (FLV 10.1 §E.4.3, Enhanced RTMP v2). */
export function videoBody(tag: VideoTag): Body {
  switch (tag.kind) {
    case 'empty':
    case 'opaque':
      return { header: tag.kind }
    case 'command':
      return { header: 'command', command: tag.command }
    case 'legacy':
      return {
        header: 'legacy',
        codec: legacyVideoCodec(tag.codecId),
        frame: nameOf(frameTypes, tag.frameType, 'FrameType'),
        ...(tag.packetType !== undefined && {
          packet: nameOf(avcPacketTypes, tag.packetType, 'PacketType'),
          compositionTime: tag.compositionTime,
        }),
      }
    case 'enhanced':
      return {
        header: 'enhanced',
        codec: tag.tracks[0]?.fourCc ?? '',
        ...(tag.packetType !== VideoPacketType.Metadata && { frame: nameOf(frameTypes, tag.frameType, 'FrameType') }),
        packet: nameOf(videoPacketTypes, tag.packetType, 'PacketType'),
        compositionTime: tag.tracks[0]?.compositionTime ?? 0,
        ...modifiers(tag.modEx),
        ...tracks(tag.multitrackType, tag.tracks),
      }
  }
}

/** An audio message (FLV 10.1 §E.4.2, Enhanced RTMP v2). */
export function audioBody(tag: AudioTag): Body {
  switch (tag.kind) {
    case 'empty':
    case 'opaque':
      return { header: tag.kind }
    case 'legacy':
      return {
        header: 'legacy',
        codec: legacyAudioCodec(tag.soundFormat),
        ...(tag.packetType !== undefined
          ? { packet: nameOf(aacPacketTypes, tag.packetType, 'PacketType') }
          : { rate: soundRates[tag.soundRate] ?? 0, bits: tag.soundSize === 1 ? 16 : 8, channels: tag.soundType + 1 }),
      }
    case 'enhanced':
      return {
        header: 'enhanced',
        codec: tag.tracks[0]?.fourCc ?? '',
        packet: nameOf(audioPacketTypes, tag.packetType, 'PacketType'),
        ...modifiers(tag.modEx),
        ...tracks(tag.multitrackType, tag.tracks),
      }
  }
}

/** What is wrong with it; undefined if nothing is. */
export function mediaFault(tag: VideoTag | AudioTag, body: Body): string | undefined {
  if (tag.kind === 'opaque') return 'it is cut short, or of no known form'
  if (tag.kind === 'enhanced') {
    const codec = tag.tracks.find(({ fourCc }) => !fourCcs.has(fourCc))?.fourCc
    if (codec !== undefined) return `codec "${codec}" is unknown`
  }
  const { codec, frame, packet } = body
  const unknown = [codec, frame, packet].filter(value => typeof value === 'string').find(isUnnamed)
  return unknown === undefined ? undefined : `${unknown} is unknown`
}

function isUnnamed(value: string): boolean {
  return /^(CodecId|SoundFormat|FrameType|PacketType)\d+$/.test(value)
}

// Codecs have names where heads are read: one is made of the id.

function legacyVideoCodec(codecId: number): string {
  const head = Uint8Array.of((VideoFrameType.Key << 4) | codecId, VideoPacketType.CodedFrames, 0, 0, 0)
  return parseVideoHeader(head)?.codec ?? `CodecId${codecId}`
}

function legacyAudioCodec(soundFormat: number): string {
  return (
    parseAudioHeader(Uint8Array.of(soundFormat << 4, AudioPacketType.CodedFrames))?.codec ?? `SoundFormat${soundFormat}`
  )
}

function tracks(
  multitrackType: number | undefined,
  list: readonly { readonly trackId: number; readonly fourCc: string; readonly data: Uint8Array }[],
): Body {
  if (multitrackType === undefined) return {}
  return {
    multitrack: nameOf(multitrackTypes, multitrackType, 'MultitrackType'),
    tracks: list.map(({ trackId, fourCc, data }): PlainValue => ({ trackId, codec: fourCc, length: data.length })),
  }
}

function modifiers(modEx: readonly { readonly kind: string; readonly nanoseconds?: number }[]): Body {
  if (modEx.length === 0) return {}
  return {
    modEx: modEx.map(({ kind, nanoseconds }): PlainValue => (nanoseconds === undefined ? kind : { kind, nanoseconds })),
  }
}

function namesOf(values: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(values).map(([name, value]) => [value, name]))
}

function nameOf(names: ReadonlyMap<number, string>, value: number, kind: string): string {
  return names.get(value) ?? `${kind}${value}`
}

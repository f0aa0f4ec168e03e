import { type AmfValue, EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { isPictureRole, isStreamMessage, MediaRole, mediaRole } from '../../src/protocol/media-role.ts'
import { WantedMedia } from '../../src/server/play/wanted-media.ts'
import { samples } from '@rtmpipe/testing'

const message = (messageTypeId: number, hex: string): RtmpMessage => ({
  messageTypeId,
  messageStreamId: 1,
  timestamp: 0,
  payload: Buffer.from(hex, 'hex'),
})
const data = (...values: AmfValue[]): RtmpMessage => ({
  ...message(MessageType.DataAmf0, ''),
  payload: encodeAmf0(...values),
})
const { Audio, Video, DataAmf0 } = MessageType

describe('mediaRole', () => {
  it.each<[what: string, it: RtmpMessage, role: keyof typeof MediaRole]>([
    ['AVC header', message(Video, '17000000000164'), 'VideoHeader'],
    ['AVC keyframe', message(Video, '170100000000000001'), 'Keyframe'],
    ['AVC interframe', message(Video, '270100000000000001'), 'Interframe'],
    ['AVC disposable frame', message(Video, '370100000000000001'), 'Disposable'],
    ['AVC end of sequence', message(Video, '1702000000'), 'Interframe'],
    ['Enhanced HEVC header', message(Video, '90687663310101'), 'VideoHeader'],
    ['Enhanced HEVC keyframe', message(Video, '9168766331000000'), 'Keyframe'],
    ['Enhanced AV1 interframe', message(Video, 'a16176303100'), 'Interframe'],
    ['video info frame', message(Video, '5700'), 'Interframe'],
    ['empty video', message(Video, ''), 'Interframe'],
    ['AAC header', message(Audio, 'af001210'), 'AudioHeader'],
    ['AAC', message(Audio, 'af0121'), 'Audio'],
    ['MP3', message(Audio, '2f00'), 'Audio'],
    ['Enhanced Opus header', message(Audio, '904f707573'), 'AudioHeader'],
    ['empty audio', message(Audio, ''), 'Audio'],
    ['Enhanced video metadata', message(Video, '946876633102'), 'VideoColors'],
    ['Enhanced video metadata with the frame type of a command', message(Video, 'd46876633102'), 'VideoColors'],
    ['video metadata of a track', message(Video, 'd604617630310105'), 'VideoColors'],
    ['video metadata behind ModEx', message(Video, '970200000104617630310105'), 'VideoColors'],
    ['video metadata cut short', message(Video, '946876'), 'Interframe'],
    ['Enhanced end of sequence', message(Video, '9268766331'), 'Interframe'],
    ['header of a track', message(Video, '9600617630310181'), 'VideoHeader'],
    ['keyframe of a track', message(Video, '960161763031010a'), 'Keyframe'],
    ['header of a track of sound', message(Audio, '95006d703461011210'), 'AudioHeader'],
    ['multichannel configuration', message(Audio, '944f7075730006'), 'AudioChannels'],
    ['multichannel configuration of a track', message(Audio, '95044f707573010006'), 'AudioChannels'],
    ['multichannel configuration cut short', message(Audio, '944f70'), 'Audio'],
    ['Enhanced Opus', message(Audio, '914f70757300'), 'Audio'],
    ['onMetaData', data('onMetaData', new EcmaArray({})), 'Metadata'],
    ['onMetaDataX', data('onMetaDataX'), 'Other'],
    ['onTextData', data('onTextData', 'x'), 'Other'],
    ['empty data', message(DataAmf0, ''), 'Other'],
    ['a command', message(MessageType.CommandAmf0, '02000a6f6e4d65746144617461'), 'Other'],
  ])('%s', (_what, given, role) => {
    expect(mediaRole(given)).toBe(MediaRole[role])
  })

  it('knows coded video', () => {
    const coded = Object.entries(MediaRole).flatMap(([name, role]) => (isPictureRole(role) ? [name] : []))
    expect(coded).toEqual(['Keyframe', 'Interframe', 'Disposable'])
  })

  it('knows what streams are made of', () => {
    const types = Array.from({ length: 30 }, (_, type) => type).filter(messageTypeId =>
      isStreamMessage(message(messageTypeId, '')),
    )
    expect(types).toEqual([Audio, Video, DataAmf0])
  })
})

describe('WantedMedia', () => {
  it.each([
    [true, true, ['audio', 'audioHeader', 'channels', 'colors', 'interframe', 'keyframe', 'metadata', 'videoHeader']],
    [false, true, ['audioHeader', 'channels', 'colors', 'interframe', 'keyframe', 'metadata', 'videoHeader']],
    [true, false, ['audio', 'audioHeader', 'channels', 'colors', 'metadata', 'videoHeader']],
    [false, false, ['audioHeader', 'channels', 'colors', 'metadata', 'videoHeader']],
  ])('audio %s, video %s', (audio, video, expected) => {
    const wanted = new WantedMedia()
    expect(wanted.isAll).toBe(true)
    Object.assign(wanted, { audio, video })
    expect(wanted.isAll).toBe(audio && video)
    const all = {
      audio: samples.audio(0),
      audioHeader: samples.audioHeader(),
      channels: message(Audio, '944f7075730006'),
      colors: message(Video, '946876633102'),
      interframe: samples.interframe(0),
      keyframe: samples.keyframe(0),
      metadata: samples.metadata(),
      videoHeader: samples.videoHeader(),
    }
    expect(Object.entries(all).flatMap(([name, one]) => (wanted.includes(one) ? [name] : []))).toEqual(expected)
  })
})

import { describe, expect, test } from 'vitest'
import { codecName } from '../../src/browser/player/codec-names.ts'
import { audioCodecString, videoCodecString } from '../../src/browser/player/codec-strings.ts'
import { soundFormat } from '../../src/browser/player/sound-format.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

describe('pictures', () => {
  test.each([
    ['avc1', '0164001fffe1', 'avc1.64001f'],
    ['avc1', '0142c01effe1', 'avc1.42c01e'],
    ['avc1', '01640009ffe1', 'avc1.64000a'],
    // Main profile, compatible with it and Main 10, level 3.1, progressive.
    ['hvc1', '0101600000009000000000005df000fcfdf8f800000f', 'hvc1.1.6.L93.90'],
    // Main 10, high tier, level 5.1: no constraints are told.
    ['hvc1', '01222000000000000000000099f000fcfdfafa00000f', 'hvc1.2.4.H153'],
    ['av01', '8105 0c00', 'av01.0.05M.08'],
    ['av01', '812ccc00', 'av01.1.12H.10'],
    ['av01', '815fec00', 'av01.2.31H.12'],
    ['vp09', '001f80020202000000', 'vp09.00.31.08'],
    ['vp09', '01000000021fa2090909000000', 'vp09.02.31.10'],
    // A level that nobody told.
    ['vp09', '0000820202020000', 'vp09.00.10.08'],
    ['vp08', '0000820202020000', 'vp8'],
  ] as const)('%s %s is %s', (codec, config, text) => {
    const bytes = hex(`${config.replaceAll(' ', '')}00`)
    expect(videoCodecString(codec, bytes)).toBe(text)
  })

  test('AV1 and VP9 can be named without a header, H.264 and HEVC can not', () => {
    expect(videoCodecString('av01', undefined)).toBe('av01.0.08M.08')
    expect(videoCodecString('vp09', undefined)).toBe('vp09.00.10.08')
    expect(videoCodecString('avc1', undefined)).toBeUndefined()
    expect(videoCodecString('hvc1', hex('0101'))).toBeUndefined()
  })

  test('what no browser has a name for has none', () => {
    expect(videoCodecString('h263', undefined)).toBeUndefined()
    expect(codecName('h263')).toBe('Sorenson H.263')
  })
})

describe('sound', () => {
  test.each([
    ['mp4a', '1210', 'mp4a.40.2'],
    ['mp4a', '2b920800', 'mp4a.40.5'],
    ['mp4a', 'f9482a', 'mp4a.40.42'],
    ['Opus', '', 'opus'],
    ['fLaC', '', 'flac'],
    ['mp3', '', 'mp3'],
    ['ac-3', '', 'ac-3'],
  ] as const)('%s %s is %s', (codec, config, text) => {
    expect(audioCodecString(codec, hex(config))).toBe(text)
  })

  test('AAC has no name without its header, and Speex never', () => {
    expect(audioCodecString('mp4a', undefined)).toBeUndefined()
    expect(audioCodecString('speex', undefined)).toBeUndefined()
  })

  test('rate and channels come of the header, of the frame, or are those of Opus', () => {
    const none = Buffer.alloc(0)
    expect(soundFormat('mp4a', hex('1210'), none)).toEqual({ sampleRate: 44_100, channels: 2 })
    expect(soundFormat('mp4a', hex('12'), none)).toBeUndefined()
    expect(soundFormat('Opus', undefined, none)).toEqual({ sampleRate: 48_000, channels: 2 })
    expect(soundFormat('mp3', undefined, hex('fffb9064'))).toEqual({ sampleRate: 44_100, channels: 2 })
    expect(soundFormat('mp3', undefined, hex('fff314c4'))).toEqual({ sampleRate: 24_000, channels: 1 })
    expect(soundFormat('mp3', undefined, hex('0000'))).toBeUndefined()
  })
})

import { type AmfObject, type AmfValue, decodeAmf0, EcmaArray, encodeAmf0, propertiesOf } from '@rtmpipe/amf'
import {
  audioCodecInfo,
  canDecode,
  canEncode,
  canForward,
  CapsEx,
  type EnhancedCapabilities,
  FourCcInfo,
  formatEnhancedCapabilities,
  formatFourCcInfoMap,
  hasCapsEx,
  infoOfFourCcList,
  parseEnhancedCapabilities,
  parseFourCcInfoMap,
  parseFourCcList,
  VideoFunction,
  videoCodecInfo,
} from '@rtmpipe/flv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex } from './support/hex.ts'

test('bits have the values of the specification', () => {
  expect(FourCcInfo).toEqual({ CanDecode: 1, CanEncode: 2, CanForward: 4 })
  expect(CapsEx).toEqual({ Reconnect: 1, Multitrack: 2, ModEx: 4, TimestampNanoOffset: 8 })
  expect(VideoFunction).toEqual({ ClientSeek: 1, ClientHdr: 2, Metadata: 4, ClientLargeScaleTile: 8 })
})

describe('an info map', () => {
  const info = parseFourCcInfoMap({ '*': 4, vp09: 3, hvc1: 1, 'ac-3': 2, '.mp3': 0 })

  test.each([
    ['vp09', true, true, true],
    ['hvc1', true, false, true],
    ['ac-3', false, true, true],
    ['.mp3', false, false, true],
    ['av01', false, false, true],
    ['HVC1', false, false, true],
  ])('with * says what it can do with %s', (fourCc, decode, encode, forward) => {
    expect([canDecode(info, fourCc), canEncode(info, fourCc), canForward(info, fourCc)]).toEqual([
      decode,
      encode,
      forward,
    ])
  })

  test('without * says it for its own codecs only', () => {
    const own = parseFourCcInfoMap(new EcmaArray({ hvc1: 7 }))
    expect([canDecode(own, 'hvc1'), canEncode(own, 'hvc1'), canForward(own, 'hvc1')]).toEqual([true, true, true])
    expect([canDecode(own, 'av01'), canEncode(own, 'av01'), canForward(own, 'av01')]).toEqual([false, false, false])
  })

  test('that is missing says no', () => {
    expect([canDecode(undefined, 'hvc1'), canEncode(undefined, 'hvc1'), canForward(undefined, '*')]).toEqual([
      false,
      false,
      false,
    ])
  })

  test.each<[string, AmfValue]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['an array', ['hvc1']],
  ])('is not %s', (_, value) => {
    expect(parseFourCcInfoMap(value)).toBeUndefined()
  })

  test('leaves out what makes no sense', () => {
    const strange = {
      hvc1: '1',
      av01: NaN,
      vp09: -1,
      vp08: 1.5,
      avc1: 2 ** 32,
      vvc1: null,
      hevc264: 1,
      '': 1,
      'a€cd': 1,
    }
    expect(parseFourCcInfoMap(strange)?.size).toBe(0)
    expect(parseFourCcInfoMap({ xxxx: 0xffff_ffff })).toEqual(new Map([['xxxx', 0xffff_ffff]]))
  })

  test('does not reach a prototype, nor is one read', () => {
    const bytes = hex(
      '03 0009 5f5f70726f746f5f5f 00 3ff0000000000000 000b 636f6e7374727563746f72 00 3ff0000000000000 000009',
    )
    expect(parseFourCcInfoMap(decodeAmf0(bytes)[0])).toEqual(new Map())
    expect(canDecode(parseFourCcInfoMap(Object.create({ hvc1: 1 }) as AmfObject), 'hvc1')).toBe(false)
    expect(formatFourCcInfoMap(new Map([['__proto__', 1]]))).toEqual({})
  })
})

describe('a list', () => {
  test('says that it can do all with its codecs', () => {
    const info = infoOfFourCcList(parseFourCcList(['av01', 'hvc1'])!)
    expect([canDecode(info, 'hvc1'), canEncode(info, 'hvc1'), canForward(info, 'hvc1')]).toEqual([true, true, true])
    expect(canDecode(info, 'vp09')).toBe(false)
  })

  test('of * says it for every codec', () => {
    expect(canDecode(infoOfFourCcList(parseFourCcList(['*'])!), 'xxxx')).toBe(true)
  })

  test('leaves out what is no FourCC', () => {
    expect(parseFourCcList(['av01', 7, null, 'Aac', '', 'vp09'])).toEqual(['av01', 'vp09'])
  })

  test.each<[string, AmfValue]>([
    ['undefined', undefined],
    ['a string', 'av01'],
    ['an object', { 0: 'av01' }],
  ])('is not %s', (_, value) => {
    expect(parseFourCcList(value)).toBeUndefined()
  })
})

const connect = {
  app: 'live',
  fourCcList: ['av01', 'hvc1'],
  videoFourCcInfoMap: { '*': 4, vp09: 3 },
  audioFourCcInfoMap: { Opus: 1 },
  capsEx: 15,
  videoFunction: 6,
}

const capabilities: EnhancedCapabilities = {
  fourCcList: ['av01', 'hvc1'],
  videoFourCcInfoMap: new Map([
    ['*', 4],
    ['vp09', 3],
  ]),
  audioFourCcInfoMap: new Map([['Opus', 1]]),
  capsEx: 15,
  videoFunction: 6,
}

describe('capabilities', () => {
  test('are parsed out of a command object', () => {
    expect(parseEnhancedCapabilities(connect)).toEqual(capabilities)
    expect(parseEnhancedCapabilities({ app: 'live' })).toEqual({})
    expect(parseEnhancedCapabilities({ fourCcList: 'av01', capsEx: '15', videoFunction: -1 })).toEqual({})
  })

  test('are written as its properties', () => {
    const { app: _, ...rest } = connect
    expect(formatEnhancedCapabilities(capabilities)).toEqual(rest)
    expect(formatEnhancedCapabilities({})).toEqual({})
  })

  test('of capsEx are asked one by one', () => {
    expect(hasCapsEx({ capsEx: 5 }, CapsEx.Reconnect)).toBe(true)
    expect(hasCapsEx({ capsEx: 5 }, CapsEx.Multitrack)).toBe(false)
    expect(hasCapsEx({ capsEx: 5 }, CapsEx.ModEx)).toBe(true)
    expect(hasCapsEx({ capsEx: 5 }, CapsEx.TimestampNanoOffset)).toBe(false)
    expect(hasCapsEx({}, CapsEx.Reconnect)).toBe(false)
  })

  test('of codecs come from the map, or else from the list', () => {
    expect(videoCodecInfo(capabilities)).toBe(capabilities.videoFourCcInfoMap)
    expect(audioCodecInfo(capabilities)).toBe(capabilities.audioFourCcInfoMap)
    expect(canDecode(videoCodecInfo({ fourCcList: ['hvc1'] }), 'hvc1')).toBe(true)
    expect(canDecode(audioCodecInfo({ fourCcList: ['*'] }), 'Opus')).toBe(true)
    expect(videoCodecInfo({})).toBeUndefined()
    expect(audioCodecInfo({})).toBeUndefined()
  })

  test('go through AMF and back', () => {
    const key = fc.oneof(
      fc.constantFrom('*', 'hvc1', 'Opus', '.mp3', 'ac-3'),
      fc.string({ minLength: 4, maxLength: 4 }),
    )
    const map = fc.uniqueArray(
      fc.tuple(
        key.filter(text => text === '*' || /^[ -~]{4}$/.test(text)),
        fc.nat(0xffff_ffff),
      ),
      {
        selector: ([text]) => text,
      },
    )
    fc.assert(
      fc.property(map, map, fc.nat(15), (video, audio, capsEx) => {
        const each = { videoFourCcInfoMap: new Map(video), audioFourCcInfoMap: new Map(audio), capsEx }
        const [value] = decodeAmf0(encodeAmf0(formatEnhancedCapabilities(each)))
        expect(parseEnhancedCapabilities(propertiesOf(value)!)).toEqual(each)
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { type Abilities, isOwn, nextStep, type Way, waysToPlay, whyNone, wishOf } from '../src/pages/ways/ways.ts'

const nothing: Abilities = {
  isSecure: true,
  webCodecs: false,
  mediaSource: false,
  managedMediaSource: false,
  nativeHls: false,
}
const chromium = { ...nothing, webCodecs: true, mediaSource: true }
const withoutTls = { ...chromium, isSecure: false, webCodecs: false }
const safari = { ...nothing, mediaSource: true, managedMediaSource: true, nativeHls: true }
const iPhone = { ...safari, mediaSource: false }
const oldIPhone = { ...nothing, nativeHls: true }
const android = { ...withoutTls, nativeHls: true }

const all = { flv: true, hls: true }
const none = { flv: false, hls: false }

describe('a stream is played', () => {
  it.each<[string, Abilities, typeof all, readonly Way[]]>([
    ['by WebCodecs first', chromium, all, ['webcodecs', 'flv', 'hls']],
    ['by WebCodecs alone where the server has nothing else', chromium, none, ['webcodecs']],
    ['by FLV where there are no WebCodecs', withoutTls, all, ['flv', 'hls', 'mse']],
    ['by HLS where there is no FLV', withoutTls, { flv: false, hls: true }, ['hls', 'mse']],
    ['by the player itself where the server has nothing else', withoutTls, none, ['mse']],
    ['by FLV in Safari, and then by itself', safari, all, ['flv', 'native-hls', 'hls', 'mse']],
    ['by HLS on an iPhone without FLV', iPhone, { flv: false, hls: true }, ['native-hls', 'hls', 'mse']],
    ['by HLS alone on an iPhone of before', oldIPhone, all, ['native-hls']],
    ['by hls.js on Android before the system', android, { flv: false, hls: true }, ['hls', 'native-hls', 'mse']],
    ['not at all by a browser that can nothing', nothing, all, []],
  ])('%s', (_title, abilities, offered, ways) => {
    expect(waysToPlay(abilities, offered)).toEqual(ways)
  })

  it('in the way that is asked for, and no other', () => {
    expect(waysToPlay(chromium, all, 'flv')).toEqual(['flv'])
    expect(waysToPlay(safari, all, 'hls')).toEqual(['native-hls', 'hls'])
    expect(waysToPlay(chromium, all, 'webcodecs')).toEqual(['webcodecs'])
    expect(waysToPlay(chromium, none, 'flv')).toEqual([])
    expect(waysToPlay(withoutTls, all, 'webcodecs')).toEqual([])
    expect(['?player=flv', '?a=b&player=hls', '?player=WebCodecs', '?player=', ''].map(wishOf)).toEqual([
      'flv',
      'hls',
      undefined,
      undefined,
      undefined,
    ])
  })

  it('or there is a sentence why not', () => {
    expect(whyNone(chromium, none, 'flv')).toContain('--http-flv')
    expect(whyNone(chromium, none, 'hls')).toContain('--hls')
    expect(whyNone(withoutTls, all, 'webcodecs')).toContain('HTTPS')
    expect(whyNone(nothing, all, 'webcodecs')).toBe('This browser has no WebCodecs.')
    expect(whyNone(nothing, all)).toBe('This browser can not play what the server has for it.')
  })
})

describe('what fails leads', () => {
  /** The ways that are tried when all fail. */
  function tried(ways: readonly Way[]): readonly (Way | undefined)[] {
    const seen = [ways[0]]
    for (let step = nextStep(ways, { at: 0, isLast: false }); ; step = nextStep(ways, step)) {
      seen.push(ways[step.at])
      if (step.isLast) return seen
    }
  }

  it('to the next way, and at last to what says what can not be decoded', () => {
    expect(tried(['webcodecs', 'flv', 'hls'])).toEqual(['webcodecs', 'flv', 'hls', 'webcodecs'])
    expect(tried(['flv', 'hls', 'mse'])).toEqual(['flv', 'hls', 'mse'])
  })

  it('nowhere where there is no other', () => {
    expect(tried(['hls'])).toEqual(['hls', 'hls'])
    expect(nextStep(['flv'], { at: 0, isLast: true })).toEqual({ at: 0, isLast: true })
    expect(['webcodecs', 'mse', 'flv', undefined].map(way => isOwn(way as Way))).toEqual([true, true, false, false])
  })
})

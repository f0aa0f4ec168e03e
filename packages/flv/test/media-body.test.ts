import { describe, expect, it } from 'vitest'
import {
  audioBody,
  decoderConfigIn,
  encodeAudioTag,
  encodeVideoTag,
  parseAudioTag,
  parseVideoTag,
  videoBody,
} from '../src/index.ts'

const data = Buffer.from('0a0b0c', 'hex')

describe('bodies of one track', () => {
  it.each([
    ['avc1', true, 0, '1700000000'],
    ['avc1', false, 1, '2701000000'],
    ['vp09', true, 0, '9076703039'],
    ['av01', false, 1, 'a161763031'],
  ] as const)('of video: %s, keyframe %s, packet type %i', (fourCc, isKeyframe, packetType, head) => {
    const body = videoBody(fourCc, isKeyframe, packetType, data)
    expect(body.toString('hex')).toBe(`${head}0a0b0c`)
    const tag = parseVideoTag(body)
    expect(tag).toMatchObject({
      kind: fourCc === 'avc1' ? 'legacy' : 'enhanced',
      frameType: isKeyframe ? 1 : 2,
      packetType,
    })
    expect(encodeVideoTag(tag)).toEqual(body)
  })

  it.each([
    ['mp4a', 0, 'af00'],
    ['mp4a', 1, 'af01'],
    ['Opus', 0, '904f707573'],
    ['Opus', 1, '914f707573'],
  ] as const)('of audio: %s, packet type %i', (fourCc, packetType, head) => {
    const body = audioBody(fourCc, packetType, data)
    expect(body.toString('hex')).toBe(`${head}0a0b0c`)
    const tag = parseAudioTag(body)
    expect(tag).toMatchObject({ kind: fourCc === 'mp4a' ? 'legacy' : 'enhanced', packetType })
    expect(encodeAudioTag(tag)).toEqual(body)
  })
})

describe('the configuration in a keyframe', () => {
  const hex = (text: string): Buffer => Buffer.from(text, 'hex')

  it('of VP9 stands behind version and flags', () => {
    expect(decoderConfigIn('vp09', hex('a2498342000282016ac0870483830940'))).toEqual(hex('010000000100860202020000'))
  })

  it('of AV1 is made of its sequence header', () => {
    const sequence = '0a0a200000043d06d4daf942'
    expect(decoderConfigIn('av01', hex(`1200${sequence}32021000`))).toEqual(hex(`81204000${sequence}`))
  })

  it('is undefined for what is no keyframe', () => {
    for (const codec of ['av01', 'vp09'] as const) {
      for (const bytes of ['', 'ff', '32021000', '824983']) expect(decoderConfigIn(codec, hex(bytes))).toBeUndefined()
    }
  })
})

import { isSwfVerifyResponse, parseUserControl, swfIdentity, swfVerifyResponse } from '@rtmpipe/chunk-stream'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { bytes, hex } from '../support/hex.ts'

const body = Buffer.from(Array.from({ length: 40 }, (_, i) => i))
const head = hex('0a 30000000')
const uncompressed = Buffer.concat([Buffer.from('FWS'), head, body])
const compressed = Buffer.concat([Buffer.from('CWS'), head, deflateSync(body)])

const key = Buffer.from(Array.from({ length: 32 }, (_, i) => i))
const identity = { hash: bytes(32, 0xab), size: 0x01020304 }
const response = hex('001b 0101 01020304 01020304', 'de295e728712be63b6352907b1f77cbb4437e815c00c17a7fcf86670b2141af1')

describe('swfIdentity', () => {
  it.each([
    ['FWS', uncompressed],
    ['CWS', compressed],
  ])('is that of the decompressed file, %s', (_signature, file) => {
    const hash = hex('4ad221337dcde4aef633f2bab478f8fc5863885aa773a480567244a26b9b3015')
    expect(swfIdentity(file)).toEqual({ hash, size: 48 })
  })

  it.each([
    ['nothing', hex('')],
    ['another file', Buffer.from('<!doctype html>')],
    ['a file cut short', compressed.subarray(0, 30)],
    ['LZMA', Buffer.concat([Buffer.from('ZWS'), head, body])],
  ])('refuses %s', (_name, file) => {
    expect(() => swfIdentity(file)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_SWF_IDENTITY' }))
  })
})

describe('SwfVerifyResponse', () => {
  it('has size and keyed hash', () => {
    expect(swfVerifyResponse(key, identity).payload).toEqual(response)
  })

  it('is known again', () => {
    const control = parseUserControl(response)
    const data = control?.type === 'SwfVerifyResponse' ? control.data : bytes(0, 0)
    expect(isSwfVerifyResponse(data, key, identity)).toBe(true)
    expect(isSwfVerifyResponse(data, bytes(32, 1), identity)).toBe(false)
    expect(isSwfVerifyResponse(data, key, { ...identity, size: 5 })).toBe(false)
    expect(isSwfVerifyResponse(data.subarray(1), key, identity)).toBe(false)
    expect(isSwfVerifyResponse(Buffer.concat([data, hex('00')]), key, identity)).toBe(false)
  })

  it.each([
    { hash: bytes(31, 1), size: 1 },
    { hash: bytes(32, 1), size: 0 },
    { hash: bytes(32, 1), size: 1.5 },
    { hash: bytes(32, 1), size: 2 ** 32 },
  ])('refuses an impossible identity: $size', impossible => {
    expect(() => swfVerifyResponse(key, impossible)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_SWF_IDENTITY' }))
  })
})

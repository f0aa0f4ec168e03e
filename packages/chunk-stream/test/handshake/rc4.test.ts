import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rc4 } from '../../src/handshake/rc4.ts'
import { cutEvery } from '../support/demux.ts'
import { bytes, hex } from '../support/hex.ts'

describe('Rc4', () => {
  // RFC 6229 §2, at offsets 0 and 1536.
  it.each([
    ['0102030405', 'b2396305f03dc027ccc3524a0a1118a8', 'd8729db41882259bee4f825325f5a130'],
    ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b97', 'ffa0b514647ec04f6306b892ae661181'],
  ])('makes the key stream of key %s', (key, start, later) => {
    const stream = new Rc4(hex(key)).apply(bytes(1552, 0))
    expect(stream.subarray(0, 16)).toEqual(hex(start))
    expect(stream.subarray(1536)).toEqual(hex(later))
  })

  it('decrypts what it has encrypted, and leaves its input alone', () => {
    const plain = Buffer.from('Attack at dawn')
    const encrypted = new Rc4(Buffer.from('Secret')).apply(plain)
    expect(encrypted).toEqual(hex('45a01f645fc35b383552544b9bf5'))
    expect(plain.toString()).toBe('Attack at dawn')
    expect(new Rc4(Buffer.from('Secret')).apply(encrypted)).toEqual(plain)
  })

  it('does not care where the stream is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), fc.integer({ min: 1, max: 700 }), (data, size) => {
        const plain = Buffer.from(data)
        const cipher = new Rc4(hex('0102'))
        const pieces = [...cutEvery(plain, size)].map(piece => cipher.apply(piece))
        expect(Buffer.concat(pieces)).toEqual(new Rc4(hex('0102')).apply(plain))
      }),
      { numRuns: 50 },
    )
  })
})

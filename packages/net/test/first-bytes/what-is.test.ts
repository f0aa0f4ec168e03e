import { describe, expect, it } from 'vitest'
import { Seldom, type Spoken, whatIs, wrongPortSentence } from '../../src/index.ts'

const beginnings: readonly [what: string, bytes: Buffer, spoken: Spoken][] = [
  ['C0 of RTMP', Buffer.of(3), 'rtmp'],
  ['C0 of RTMPE', Buffer.of(6, 0), 'rtmpe'],
  ['C0 of RTMPE with XTEA', Buffer.of(8), 'rtmpe'],
  ['a TLS record', Buffer.of(0x16, 3, 1), 'tls'],
  ['the first letter of a method', Buffer.from('P'), 'http'],
  ['a request', Buffer.from('POST /open/1 HTTP/1.1\r\n'), 'http'],
  ['the last letter there is', Buffer.from('Z'), 'http'],
  ['another method', Buffer.from('PROPFIND / HTTP/1.1'), 'http'],
  ['HTTP/2 without asking', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'http2'],
  ['version 1 of the PROXY protocol', Buffer.from('PROXY TCP4 192.0.2.1'), 'proxy'],
  ['version 2 of the PROXY protocol', Buffer.from('0d0a0d0a000d0a515549540a21', 'hex'), 'proxy'],
  ['empty lines', Buffer.from('\r\n\r\n'), 'other'],
  ['SSH', Buffer.from('SSH-2.0-'), 'http'],
  ['small letters', Buffer.from('get / http/1.1'), 'other'],
  ['zeros', Buffer.alloc(4), 'other'],
]

describe('whatIs()', () => {
  it.each(beginnings)('knows %s', (_what, bytes, spoken) => {
    expect(whatIs(bytes)).toBe(spoken)
  })

  it('knows nothing of nothing', () => {
    expect(whatIs(Buffer.alloc(0))).toBeUndefined()
  })
})

const at = (scheme: string, port: number) => ({ scheme, address: { port } })
const all = [at('rtmp', 1), at('rtmps', 2), at('rtmpt', 3), at('rtmpts', 4)]

describe('wrongPortSentence()', () => {
  it.each([
    ['http', false, 'this is HTTP: RTMPT is on port 3'],
    ['http', true, 'this is HTTP inside TLS: RTMPTS is on port 4'],
    ['rtmp', false, 'this is RTMP: RTMP is on port 1'],
    ['rtmpe', true, 'this is RTMPE inside TLS: RTMPS is on port 2'],
    ['tls', false, 'this is TLS: RTMPS is on port 2, RTMPTS is on port 4'],
    ['tls', true, undefined],
    ['http2', false, undefined],
    ['proxy', false, 'this is the PROXY protocol: the option proxyProtocol takes it from proxies'],
  ] as const)('tells where %s belongs, inside TLS %s', (spoken, isInsideTls, sentence) => {
    expect(wrongPortSentence(spoken, isInsideTls, all)).toBe(sentence)
  })

  it('knows ports that take several', () => {
    const one = { scheme: 'rtmp', schemes: ['rtmp', 'rtmpt'], address: { port: 443 } }
    expect(wrongPortSentence('http', false, [one])).toBe('this is HTTP: RTMPT is on port 443')
    expect(wrongPortSentence('tls', false, [one])).toBeUndefined()
  })
})

it('Seldom allows so many in a period, and as many in the next', () => {
  let now = 0
  const seldom = new Seldom(2, 100, () => now)
  expect([seldom.allows(), seldom.allows(), seldom.allows()]).toEqual([true, true, false])
  now = 99
  expect(seldom.allows()).toBe(false)
  now = 100
  expect(seldom.allows()).toBe(true)
})

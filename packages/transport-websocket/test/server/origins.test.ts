import { describe, expect, it } from 'vitest'
import { isOrigin, Origins } from '../../src/server/origins.ts'

describe('Origins', () => {
  it.each([
    ['https://live.example.com', 'live.example.com', true],
    // Behind a proxy that takes TLS off the page is https:, and the request is not.
    ['https://live.example.com', 'live.example.com:443', true],
    ['http://live.example.com', 'live.example.com:80', true],
    ['http://127.0.0.1:8080', '127.0.0.1:8080', true],
    ['http://[::1]:8080', '[::1]:8080', true],
    ['https://LIVE.example.com', 'live.Example.com', true],
    ['https://live.example.com', 'live.example.com:8443', false],
    ['http://live.example.com:8080', 'live.example.com', false],
    ['https://evil.example', 'live.example.com', false],
    ['https://live.example.com.evil.example', 'live.example.com', false],
    ['null', 'live.example.com', false],
    ['', 'live.example.com', false],
    ['file://', '', false],
    ['https://a.example, https://live.example.com', 'live.example.com', false],
    ['https://live.example.com', undefined, false],
    ['https://live.example.com', 'live.example.com/x?', true],
  ])('by default compares hosts: a page of %j at %j: %s', (origin, host, allowed) => {
    expect(new Origins(undefined).allows(origin, host)).toBe(allowed)
  })

  it('lets in who tells no origin: that is no browser', () => {
    for (const origins of [undefined, '*', ['https://a.example']] as const)
      expect(new Origins(origins).allows(undefined, 'b.example')).toBe(true)
  })

  it('takes a list in place of the host', () => {
    const origins = new Origins(['https://a.example', 'http://b.example:8080/', 'HTTPS://C.example:443'])
    expect(origins.allows('https://a.example', 'live.example')).toBe(true)
    expect(origins.allows('http://b.example:8080', 'live.example')).toBe(true)
    expect(origins.allows('https://c.example', 'live.example')).toBe(true)
    expect(origins.allows('http://a.example', 'live.example')).toBe(false)
    expect(origins.allows('https://live.example', 'live.example')).toBe(false)
    expect(origins.allows('null', 'live.example')).toBe(false)
  })

  it.each(['*', ['*'], ['https://a.example', '*']] as const)('lets everybody in with %j', origins => {
    expect(new Origins(origins).allows('https://evil.example', 'live.example')).toBe(true)
    expect(new Origins(origins).allows('null', 'live.example')).toBe(true)
  })

  it.each(['a.example', 'https://a.example/path', 'https://a.example?x', 'https://u@a.example', 'null', '', 7])(
    'refuses %j in a list',
    origin => {
      expect(isOrigin(origin)).toBe(false)
      expect(() => new Origins([origin as string])).toThrow(
        expect.objectContaining({ code: 'RTMP_ERR_WEBSOCKET_OPTION' }),
      )
    },
  )

  it('refuses what is no list', () => {
    expect(() => new Origins('https://a.example' as '*')).toThrow(/expected '\*' or a list/)
  })
})

import { describe, expect, it } from 'vitest'
import { PlainHeadReader } from '../../src/server/plain-head.ts'

const read = (...lines: string[]): ReturnType<PlainHeadReader['read']> => new PlainHeadReader().read(lines.join('\r\n'))

describe('a plain head', () => {
  it('tells where a request goes, how long it is, and whether its connection stays', () => {
    const head = read('POST /send/abc/12 HTTP/1.1', 'Host: x', 'Content-Length: 7', 'X-Forwarded-For: 10.0.0.1')
    expect(head).toMatchObject({ path: '/send/abc/12', minor: 1, stays: true })
    expect(head?.fields).toMatchObject({ bodyLength: 7, connection: undefined })
    expect(head?.fields.headers['x-forwarded-for']).toBe('10.0.0.1')
    expect(head?.fields.raw).toEqual(['Host', 'x', 'Content-Length', '7', 'X-Forwarded-For', '10.0.0.1'])
  })

  it.each([
    ['1.1', 'close', false],
    ['1.1', 'Keep-Alive', true],
    ['1.0', 'close', false],
    ['1.0', 'keep-alive', true],
  ])('HTTP/%s, Connection: %s', (version, connection, stays) => {
    expect(
      read(`POST /close HTTP/${version}`, 'Host: x', 'Content-Length: 0', `Connection: ${connection}`)?.stays,
    ).toBe(stays)
  })

  it('of HTTP/1.0 ends its connection unless it says otherwise', () => {
    expect(read('POST /idle/a/1 HTTP/1.0', 'Content-Length: 1')).toMatchObject({ minor: 0, stays: false })
  })

  it('is read anew for each request on a connection', () => {
    const reader = new PlainHeadReader()
    const rest = 'Host: x\r\nContent-Length: 1'
    expect(reader.read(`POST /idle/a/1 HTTP/1.1\r\n${rest}`)?.path).toBe('/idle/a/1')
    expect(reader.read(`POST /idle/a/2 HTTP/1.1\r\n${rest}`)?.path).toBe('/idle/a/2')
    expect(reader.read(`POST /send/a/3 HTTP/1.1\r\n${rest}0`)?.fields.bodyLength).toBe(10)
    expect(reader.read(`POST /send/a/3 HTTP/1.1\r\n${rest}\r\nExpect: 100-continue`)).toBeUndefined()
    expect(reader.read(`GET /idle/a/4 HTTP/1.1\r\n${rest}`)).toBeUndefined()
  })
})

describe('no plain head', () => {
  const length = 'Content-Length: 1'
  it.each([
    ['another method', 'GET /idle/a/1 HTTP/1.1', 'Host: x', length],
    ['another path', 'POST /api/streams HTTP/1.1', 'Host: x', length],
    ['a query', 'POST /idle/a/1?x HTTP/1.1', 'Host: x', length],
    ['an escaped path', 'POST /idle/%61/1 HTTP/1.1', 'Host: x', length],
    ['an absolute target', 'POST http://x/idle/a/1 HTTP/1.1', 'Host: x', length],
    ['another version', 'POST /idle/a/1 HTTP/2.0', 'Host: x', length],
    ['two blanks', 'POST  /idle/a/1 HTTP/1.1', 'Host: x', length],
    ['no Host', 'POST /idle/a/1 HTTP/1.1', length],
    ['no length', 'POST /idle/a/1 HTTP/1.1', 'Host: x'],
    ['no headers', 'POST /idle/a/1 HTTP/1.0'],
    ['two lengths', 'POST /idle/a/1 HTTP/1.1', 'Host: x', length, length],
    ['a list of lengths', 'POST /idle/a/1 HTTP/1.1', 'Host: x', 'Content-Length: 1, 1'],
    ['a sign', 'POST /idle/a/1 HTTP/1.1', 'Host: x', 'Content-Length: +1'],
    ['hexadecimals', 'POST /idle/a/1 HTTP/1.1', 'Host: x', 'Content-Length: 0x1'],
    ['a length beyond reason', 'POST /idle/a/1 HTTP/1.1', 'Host: x', 'Content-Length: 9999999999'],
    ['chunks', 'POST /idle/a/1 HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked'],
    ['chunks and a length', 'POST /idle/a/1 HTTP/1.1', 'Host: x', length, 'Transfer-Encoding: chunked'],
    ['chunks in disguise', 'POST /idle/a/1 HTTP/1.1', 'Host: x', length, 'transfer-ENCODING: \tchunked'],
    ['a blank before the colon', 'POST /idle/a/1 HTTP/1.1', 'Host: x', 'Content-Length : 1'],
    ['a folded line', 'POST /idle/a/1 HTTP/1.1', 'Host: x', length, 'X: a', ' b'],
    ['a line feed alone', 'POST /idle/a/1 HTTP/1.1', 'Host: x\nTransfer-Encoding: chunked', length],
    ['a carriage return alone', 'POST /idle/a/1 HTTP/1.1', 'Host: x\rTransfer-Encoding: chunked', length],
    ['a NUL', 'POST /idle/a/1 HTTP/1.1', 'Host: x\0', length],
    ['no name', 'POST /idle/a/1 HTTP/1.1', 'Host: x', length, ': x'],
    ['no colon', 'POST /idle/a/1 HTTP/1.1', 'Host: x', length, 'x'],
    ['two hosts', 'POST /idle/a/1 HTTP/1.1', 'Host: x', 'Host: y', length],
    ['an upgrade', 'POST /idle/a/1 HTTP/1.1', 'Host: x', length, 'Upgrade: h2c'],
    ['an expectation', 'POST /idle/a/1 HTTP/1.1', 'Host: x', length, 'Expect: 100-continue'],
    ['options of the connection', 'POST /idle/a/1 HTTP/1.1', 'Host: x', length, 'Connection: close, TE'],
    [
      'more than 50 headers',
      'POST /idle/a/1 HTTP/1.1',
      'Host: x',
      length,
      ...Array.from({ length: 49 }, (_, n) => `X-${n}: x`),
    ],
  ])('%s', (_, ...lines) => {
    expect(read(...lines)).toBeUndefined()
  })
})

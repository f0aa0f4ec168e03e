import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ProxyProtocolError } from '../../src/index.ts'
import { HeaderParser } from '../../src/proxy-protocol/header-parser.ts'
import { v1, v1OfIPv6, v2, v2Local, v2OfIPv6, v2OfNobody, v2With } from './headers.ts'

const nine = { address: '203.0.113.9', port: 4711 }
const seven = { address: '2001:db8::7', port: 4711 }
const rest = Buffer.from('\r\nPROXY TCP4 6.6.6.6 6.6.6.6 6 6\r\n')
const line = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'latin1')
/** The longest line that §2.1 knows. */
const longest = `PROXY UNKNOWN ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535`
const changed = (bytes: Buffer, at: number, value: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy[at] = value
  return copy
}

const good = [
  ['version 1', v1, nine],
  ['version 1, IPv6', v1OfIPv6, seven],
  ['version 1, IPv4 in IPv6', line('PROXY TCP6 ::ffff:203.0.113.9 ::1 4711 443'), nine],
  ['version 1, unknown', line('PROXY UNKNOWN'), undefined],
  ['version 1, unknown and as long as can be', line(longest), undefined],
  ['version 1, unknown with whatever', line('PROXY UNKNOWN \0\xff x'), undefined],
  ['version 1, port 0', line('PROXY TCP4 203.0.113.9 192.0.2.1 0 65535'), { ...nine, port: 0 }],
  ['version 2', v2, nine],
  ['version 2, IPv6', v2OfIPv6, seven],
  ['version 2, local', v2Local, undefined],
  ['version 2, no address', v2OfNobody, undefined],
  ['version 2, a family that we do not know', changed(v2, 13, 0x31), undefined],
  ['version 2, datagrams', changed(v2, 13, 0x12), undefined],
  ['version 2, with more behind', v2With(Buffer.from('030004aabbccdd', 'hex')), nine],
  ['version 2, as long as we take', v2With(Buffer.alloc(4_096 - 28)), nine],
] as const

describe.each(good)('%s', (_name, header, source) => {
  it('at once', () => expect(new HeaderParser().push(Buffer.concat([header, rest]))).toEqual({ source, rest }))

  it('byte by byte', () => {
    const parser = new HeaderParser()
    for (const byte of header.subarray(0, -1)) expect(parser.push(Buffer.from([byte]))).toBeUndefined()
    const last = Buffer.concat([header.subarray(-1), rest])
    expect(parser.push(last)).toEqual({ source, rest })
  })

  it('in any two pieces', () => {
    for (let cut = 1; cut < Math.min(header.length, 200); cut += 1) {
      const parser = new HeaderParser()
      expect(parser.push(header.subarray(0, cut))).toBeUndefined()
      expect(parser.push(header.subarray(cut))).toEqual({ source, rest: Buffer.alloc(0) })
    }
  })
})

const bad = [
  ['RTMP', Buffer.from('0300000000', 'hex')],
  ['HTTP', Buffer.from('POST /open/1 HTTP/1.1\r\n')],
  ['a word too like it', Buffer.from('PROXYING')],
  ['lower case', line('proxy TCP4 203.0.113.9 192.0.2.1 1 2')],
  ['half a signature', Buffer.from('0d0a0d0a000d0a5155495400', 'hex')],
  ['version 1 without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
  ['version 1 that ends too late', line(`${longest} `)],
  ['a wrong family', line('PROXY TCP4 2001:db8::7 2001:db8::1 1 2')],
  ['another wrong family', line('PROXY TCP6 203.0.113.9 192.0.2.1 1 2')],
  ['no such family', line('PROXY UDP4 203.0.113.9 192.0.2.1 1 2')],
  ['a port too high', line('PROXY TCP4 203.0.113.9 192.0.2.1 65536 2')],
  ['a zero ahead', line('PROXY TCP4 203.0.113.9 192.0.2.1 01 2')],
  ['two spaces', line('PROXY TCP4  203.0.113.9 192.0.2.1 1 2')],
  ['a name', line('PROXY TCP4 example.org 192.0.2.1 1 2')],
  ['a field too few', line('PROXY TCP4 203.0.113.9 192.0.2.1 1')],
  ['a field too many', line('PROXY TCP4 203.0.113.9 192.0.2.1 1 2 3')],
  ['only the word', line('PROXY ')],
  ['version 3', changed(v2, 12, 0x31)],
  ['no such command', changed(v2, 12, 0x22)],
  ['addresses that are cut', changed(changed(v2, 15, 11), 14, 0)],
  ['addresses of the wrong family', changed(v2, 13, 0x21)],
  ['longer than we take', v2With(Buffer.alloc(4_096 - 27))],
  ['as long as can be said', changed(changed(v2, 14, 0xff), 15, 0xff)],
] as const

describe.each(bad)('refuses %s', (_name, bytes) => {
  const refused = expect.objectContaining({ name: 'ProxyProtocolError', code: 'RTMP_ERR_PROXY_HEADER' })

  it('at once', () => {
    expect(catching(() => new HeaderParser().push(bytes))).toEqual(refused)
  })

  it('byte by byte', () => {
    const parser = new HeaderParser()
    expect(
      catching(() => {
        for (const byte of bytes) parser.push(Buffer.from([byte]))
      }),
    ).toEqual(refused)
  })
})

it('whatever the bytes, says that they are a header or none', () => {
  for (let round = 0; round < 3_000; round += 1) {
    const bytes = Buffer.from([v1, v2, v2OfIPv6, v1OfIPv6][round % 4] ?? v1)
    for (let count = randomInt(1, 4); count > 0; count -= 1) bytes[randomInt(bytes.length)] = randomInt(256)
    try {
      const header = new HeaderParser().push(bytes)
      const { address = '', port = 0 } = header?.source ?? {}
      expect(address.length).toBeLessThan(46)
      expect(port).toBeLessThan(65_536)
    } catch (error) {
      expect(error, bytes.toString('hex')).toBeInstanceOf(ProxyProtocolError)
    }
  }
})

function catching(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}

import { describe, expect, it } from 'vitest'
import { isForwarded, TrustedProxies, TrustError, type TrustProxy } from '../../src/index.ts'

const local = ['loopback']
const near = ['loopback', '10.0.0.0/8']

/** Headers that a peer at 127.0.0.1 brings, and who it is said to be. */
const cases: readonly [
  name: string,
  trust: TrustProxy,
  headers: Readonly<Record<string, string>>,
  address: string,
  viaProxy?: boolean,
  secure?: boolean,
][] = [
  ['nothing', local, {}, '127.0.0.1', true],
  ['nobody is trusted', [], { 'x-forwarded-for': '6.6.6.6' }, '127.0.0.1'],
  [
    'the peer is not trusted',
    ['10.0.0.0/8'],
    { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https' },
    '127.0.0.1',
  ],
  ['one', local, { 'x-forwarded-for': '203.0.113.9' }, '203.0.113.9'],
  ['a forged one before it', local, { 'x-forwarded-for': '6.6.6.6, 203.0.113.9' }, '203.0.113.9'],
  ['a forged trusted one before it', local, { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' }, '203.0.113.9'],
  ['two proxies', near, { 'x-forwarded-for': '6.6.6.6,203.0.113.9 ,10.0.0.3' }, '203.0.113.9'],
  ['only proxies', near, { 'x-forwarded-for': '10.0.0.3' }, '10.0.0.3', true],
  ['IPv6', local, { 'x-forwarded-for': '2001:DB8::1' }, '2001:db8::1'],
  ['IPv4 in IPv6', local, { 'x-forwarded-for': '::ffff:203.0.113.9' }, '203.0.113.9'],
  ['a port', local, { 'x-forwarded-for': '203.0.113.9:4711' }, '203.0.113.9'],
  ['IPv6 and a port', local, { 'x-forwarded-for': '[2001:db8::1]:4711' }, '2001:db8::1'],
  ['unknown', local, { 'x-forwarded-for': 'unknown' }, '127.0.0.1', true],
  ['garbage', local, { 'x-forwarded-for': '203.0.113.9, <script>' }, '127.0.0.1', true],
  ['garbage further away', near, { 'x-forwarded-for': 'x, 10.0.0.3' }, '10.0.0.3', true],
  ['garbage before the client', local, { 'x-forwarded-for': '"\\, 203.0.113.9' }, '203.0.113.9'],
  ['an empty header', local, { 'x-forwarded-for': '' }, '127.0.0.1', true],
  ['a very long one', local, { 'x-forwarded-for': `${'6.6.6.6,'.repeat(100_000)}203.0.113.9` }, '203.0.113.9'],
  ['no end of proxies', near, { 'x-forwarded-for': Array(1_000).fill('10.0.0.3').join() }, '10.0.0.3', true],

  ['no proxy', 0, { 'x-forwarded-for': '6.6.6.6' }, '127.0.0.1'],
  ['one proxy', 1, { 'x-forwarded-for': '6.6.6.6, 203.0.113.9' }, '203.0.113.9'],
  ['two in a row', 2, { 'x-forwarded-for': '6.6.6.6, 203.0.113.9, 198.51.100.1' }, '203.0.113.9'],
  ['two, of which one speaks', 2, { 'x-forwarded-for': '203.0.113.9' }, '203.0.113.9', true],

  ['https', local, { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }, '203.0.113.9', false, true],
  ['http', local, { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'HTTP' }, '203.0.113.9', false, false],
  ['https alone', local, { 'x-forwarded-proto': 'https' }, '127.0.0.1', true, true],
  [
    'a forged https',
    local,
    { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https, http' },
    '203.0.113.9',
    false,
    false,
  ],
  [
    'https of the first of two',
    near,
    { 'x-forwarded-for': '203.0.113.9, 10.0.0.3', 'x-forwarded-proto': 'https, http' },
    '203.0.113.9',
    false,
    true,
  ],
  ['another scheme', local, { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'ftp' }, '203.0.113.9'],

  ['Forwarded', local, { forwarded: 'for=203.0.113.9' }, '203.0.113.9'],
  [
    'Forwarded, forged before',
    local,
    { forwarded: 'for=6.6.6.6, for=203.0.113.9;proto=https' },
    '203.0.113.9',
    false,
    true,
  ],
  ['Forwarded, quoted with a port', local, { forwarded: 'For="203.0.113.9:4711"' }, '203.0.113.9'],
  ['Forwarded, IPv6', local, { forwarded: 'for="[2001:db8:cafe::17]:4711"' }, '2001:db8:cafe::17'],
  ['Forwarded, IPv6 without quotes', local, { forwarded: 'for=[2001:db8:cafe::17]' }, '2001:db8:cafe::17'],
  ['Forwarded, quoted pair', local, { forwarded: 'for="203\\.0.113.9"' }, '203.0.113.9'],
  [
    'Forwarded, all parameters',
    local,
    { forwarded: 'by=_x ; proto=http;host="a,b;c" ;for=203.0.113.9' },
    '203.0.113.9',
    false,
    false,
  ],
  ['Forwarded, unknown', local, { forwarded: 'for=203.0.113.9, for=unknown;proto=https' }, '127.0.0.1', true, true],
  ['Forwarded, obfuscated', local, { forwarded: 'for="_mdn"' }, '127.0.0.1', true],
  ['Forwarded, obfuscated port', local, { forwarded: 'for="203.0.113.9:_http"' }, '203.0.113.9'],
  ['Forwarded, nothing of for', local, { forwarded: 'proto=https' }, '127.0.0.1', true, true],
  ['Forwarded, twice for', local, { forwarded: 'for=6.6.6.6;for=203.0.113.9' }, '127.0.0.1', true],
  [
    'Forwarded, two proxies',
    near,
    { forwarded: 'for=203.0.113.9;proto=https, for=10.0.0.3;proto=http' },
    '203.0.113.9',
    false,
    true,
  ],
  ['Forwarded, a quote left open by the client', local, { forwarded: 'for="6.6.6.6, for=203.0.113.9' }, '203.0.113.9'],
  [
    'Forwarded, a host that looks like an element',
    local,
    { forwarded: 'for=203.0.113.9;host="x, for=6.6.6.6"' },
    '203.0.113.9',
  ],
  ['Forwarded, that and a quote', local, { forwarded: 'for=203.0.113.9;host="x, for=6.6.6.6;y=\\"z"' }, '203.0.113.9'],
  ['Forwarded, commas only', local, { forwarded: ','.repeat(100_000) }, '127.0.0.1', true],
  ['Forwarded, spaces only', local, { forwarded: ' '.repeat(100_000) }, '127.0.0.1', true],
  ['Forwarded, quotes only', local, { forwarded: '",'.repeat(50_000) }, '127.0.0.1', true],
  [
    'both: X-Forwarded-For counts',
    local,
    { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=6.6.6.6' },
    '203.0.113.9',
  ],
]

describe('clientOf', () => {
  it.each(cases)('%s', (_name, trust, headers, address, viaProxy = false, secure) => {
    const began = performance.now()
    expect(new TrustedProxies(trust).clientOf('127.0.0.1', headers)).toEqual({ address, viaProxy, secure })
    expect(new TrustedProxies(trust).clientOf('::ffff:127.0.0.1', headers)).toEqual({ address, viaProxy, secure })
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  it('reads a header that came as several lines', () => {
    const headers = { 'x-forwarded-for': ['6.6.6.6', '203.0.113.9'] as unknown as string }
    expect(new TrustedProxies(local).clientOf('127.0.0.1', headers).address).toBe('203.0.113.9')
  })

  it('is at a loss for no address', () => {
    expect(new TrustedProxies(local).clientOf('', { 'x-forwarded-for': '6.6.6.6' })).toEqual({
      address: '',
      viaProxy: false,
      secure: undefined,
    })
  })
})

describe('the option', () => {
  it('refuses true, by which anybody could forge', () => {
    expect(() => new TrustedProxies(true as never)).toThrow(TrustError)
    for (const given of [true as never, ['true']])
      expect(() => new TrustedProxies(given)).toThrow(/everybody could claim any address/)
  })

  it.each([false, null, 'loopback', -1, 1.5, Number.NaN, 33, {}])('refuses %j', value => {
    expect(() => new TrustedProxies(value as never)).toThrow(TrustError)
  })

  it('says who is trusted', () => {
    expect(new TrustedProxies(local).trusts('127.0.0.1')).toBe(true)
    expect(new TrustedProxies(local).trusts('10.0.0.1')).toBe(false)
    expect(new TrustedProxies(1).trusts('10.0.0.1')).toBe(true)
    expect(new TrustedProxies().trusts('127.0.0.1')).toBe(false)
  })
})

it.each([
  [{}, false],
  [{ 'x-forwarded-for': '203.0.113.9' }, true],
  [{ forwarded: 'for=203.0.113.9' }, true],
  [{ forwarded: 'rubbish' }, true],
  [{ 'x-forwarded-for': '203.0.113.9, 192.0.2.1' }, false],
  [{ 'x-forwarded-proto': 'https' }, false],
])('a connection from 192.0.2.1 with %j speaks for somebody else: %s', (headers, claims) => {
  expect(isForwarded('::ffff:192.0.2.1', headers)).toBe(claims)
})

import { describe, expect, it } from 'vitest'
import { proxyFor, proxyOf, ProxyUrl } from '../../src/index.ts'

const found = (url: string, env: Record<string, string>) => {
  const proxy = proxyFor(new URL(url), undefined, env)
  return proxy?.shown
}

describe('the option', () => {
  const url = new URL('rtmpt://server.example/live')
  const env = { HTTP_PROXY: 'http://env:1', NO_PROXY: '*' }

  it('comes before the environment, and NO_PROXY does not weaken it', () => {
    expect(proxyFor(url, 'socks5://option:1', env)?.shown).toBe('socks5://option:1')
    const proxy = new ProxyUrl('http://option:1')
    expect(proxyFor(url, proxy, env)).toBe(proxy)
  })

  it('can switch the environment off', () => {
    expect(proxyFor(url, false, { HTTP_PROXY: 'http://env:1' })).toBeUndefined()
  })

  it('never ends in no proxy by mistake', () => {
    for (const wrong of ['', ' ', 'http://', null, true, 3128, url])
      expect(() => proxyOf(wrong as string)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_PROXY_URL' }))
  })

  it('left out, without an environment, is no proxy', () => {
    expect(proxyOf(undefined)).toBeUndefined()
    expect(proxyOf(false)).toBeUndefined()
    expect(proxyFor(url, undefined, {})).toBeUndefined()
  })
})

describe('the environment', () => {
  const all = { HTTP_PROXY: 'http://h:1', HTTPS_PROXY: 'http://s:2', ALL_PROXY: 'socks5://a:3' }

  it.each([
    ['rtmp', all, 'socks5://a:3'],
    ['rtmpe', all, 'socks5://a:3'],
    ['rtmps', all, 'http://s:2'],
    ['rtmpt', all, 'http://h:1'],
    ['rtmpte', all, 'http://h:1'],
    ['rtmpts', all, 'http://s:2'],
    ['rtmp', { HTTP_PROXY: 'http://h:1', HTTPS_PROXY: 'http://s:2' }, undefined],
    ['rtmps', { HTTP_PROXY: 'http://h:1' }, undefined],
    ['rtmpts', { all_proxy: 'a:3' }, 'http://a:3'],
    ['rtmpt', { HTTPS_PROXY: 'http://s:2' }, undefined],
    ['rtmpt', { http_proxy: 'http://lower:1', HTTP_PROXY: 'http://upper:1' }, 'http://lower:1'],
    ['rtmpt', { http_proxy: '', HTTP_PROXY: 'http://upper:1' }, 'http://upper:1'],
    ['rtmpt', { HTTP_PROXY: '', ALL_PROXY: 'http://a:3' }, 'http://a:3'],
    ['rtmpt', { HTTP_PROXY: 'http://forged:1', REQUEST_METHOD: 'GET' }, undefined],
    ['rtmpt', { http_proxy: 'http://lower:1', REQUEST_METHOD: 'GET' }, 'http://lower:1'],
    ['rtmpts', { HTTPS_PROXY: 'http://s:2', REQUEST_METHOD: 'GET' }, 'http://s:2'],
  ])('%s with %j: %s', (scheme, env, expected) => {
    expect(found(`${scheme}://server.example/live`, env)).toBe(expected)
  })

  it('says which variable is wrong, and not what it says', () => {
    const act = () => found('rtmpt://server.example/live', { all_proxy: 'ftp://anna:secret@proxy' })
    expect(act).toThrow(/^all_proxy: (?!.*secret)/)
  })
})

describe('NO_PROXY', () => {
  it.each([
    ['*', 'rtmpt://server.example/live', true],
    ['server.example', 'rtmpt://server.example/live', true],
    ['server.example', 'rtmpt://SERVER.example./live', true],
    ['SERVER.example.', 'rtmpt://server.example/live', true],
    ['example', 'rtmpt://server.example/live', true],
    ['.example', 'rtmpt://server.example/live', true],
    ['*.example', 'rtmpt://server.example/live', true],
    ['server.example', 'rtmpt://myserver.example/live', false],
    ['server.example', 'rtmpt://server.example.org/live', false],
    ['a.example, ,b.example  server.example', 'rtmpt://server.example/live', true],
    ['server.example:80', 'rtmpt://server.example/live', true],
    ['server.example:80', 'rtmpt://server.example:8080/live', false],
    ['server.example:443', 'rtmpts://server.example/live', true],
    ['server.example:443', 'rtmps://server.example/live', true],
    ['server.example:1935', 'rtmp://server.example/live', true],
    ['*:8080', 'rtmpt://server.example:8080/live', true],
    ['*:8080', 'rtmpt://server.example/live', false],
    ['10.1.2.3', 'rtmpt://10.1.2.3/live', true],
    ['10.1.2.3', 'rtmpt://10.1.2.30/live', false],
    ['2.3', 'rtmpt://10.1.2.3/live', false],
    ['10.0.0.0/8', 'rtmpt://10.1.2.3/live', true],
    ['10.0.0.0/8', 'rtmpt://11.1.2.3/live', false],
    ['10.0.0.0/8', 'rtmpt://10.example/live', false],
    ['10.0.0.0/99', 'rtmpt://10.1.2.3/live', false],
    ['10.0.0.0/x', 'rtmpt://10.1.2.3/live', false],
    ['10.1.2.3:80', 'rtmpt://10.1.2.3/live', true],
    ['::1', 'rtmpt://[::1]/live', true],
    ['[::1]', 'rtmpt://[0:0:0:0:0:0:0:1]/live', true],
    ['[::1]:80', 'rtmpt://[::1]/live', true],
    ['[::1]:81', 'rtmpt://[::1]/live', false],
    ['fd00::/8', 'rtmpt://[fd12::3]/live', true],
    ['10.0.0.0/8', 'rtmpt://[::ffff:10.1.2.3]/live', true],
    ['localhost', 'rtmpt://127.0.0.1/live', false],
    ['', 'rtmpt://127.0.0.1/live', false],
    ['', 'rtmpt://localhost/live', false],
  ])('%j and %s: direct %s', (list, url, isDirect) => {
    const env = { ALL_PROXY: 'http://proxy:1' }
    expect(found(url, { ...env, NO_PROXY: list }) === undefined).toBe(isDirect)
    expect(found(url, { ...env, no_proxy: list }) === undefined).toBe(isDirect)
  })

  it('in lower case comes before that in upper case', () => {
    const env = { ALL_PROXY: 'http://proxy:1', no_proxy: 'other', NO_PROXY: '*' }
    expect(found('rtmp://server.example/live', env)).toBe('http://proxy:1')
  })
})

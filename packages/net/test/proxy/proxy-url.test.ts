import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type ProxyError, ProxyUrl } from '../../src/index.ts'

describe('the URL of a proxy', () => {
  it.each([
    ['http://proxy.example:3128', 'http://proxy.example:3128', undefined],
    [' http://proxy.example:3128 ', 'http://proxy.example:3128', undefined],
    ['proxy.example:3128', 'http://proxy.example:3128', undefined],
    ['http://proxy.example', 'http://proxy.example:80', undefined],
    ['https://proxy.example/', 'https://proxy.example:443', undefined],
    ['socks5h://proxy.example', 'socks5://proxy.example:1080', undefined],
    ['SOCKS5://127.0.0.1:9050', 'socks5://127.0.0.1:9050', undefined],
    ['socks://[::1]:9050', 'socks5://[::1]:9050', undefined],
    ['http://anna:secret@bücher.example:3128', 'http://xn--bcher-kva.example:3128', ['anna', 'secret']],
    ['http://anna%40example:p%3Aw%2F%23%20@proxy:1', 'http://proxy:1', ['anna@example', 'p:w/# ']],
    ['http://anna@proxy:1', 'http://proxy:1', ['anna', '']],
    ['http://anna:100%@proxy:1', 'http://proxy:1', ['anna', '100%']],
  ])('%s', (text, shown, login) => {
    const proxy = new ProxyUrl(text)
    expect(proxy.shown).toBe(shown)
    expect(proxy.login && [proxy.login.user, proxy.login.password]).toEqual(login)
  })

  it.each([
    ['', 'like http://'],
    ['http://', 'like http://'],
    ['http://anna:se/cret@proxy:1', '%2F'],
    ['http://anna:1#cret@proxy:1', '%2F, %3F, %23'],
    ['http://anna:1/secret@proxy:1', '%2F'],
    ['http://proxy:1?secret', '%3F'],
    ['ftp://anna:secret@proxy:1', 'socks5h://'],
    ['socks4://anna:secret@proxy:1', 'socks5h://'],
    ['socks5://%ff:1', 'host'],
    ['http://proxy:0', 'port 0'],
    ['http://proxy:99999', 'like http://'],
    ['http://an%3Ana:secret@proxy:1', 'colon'],
    [`http://anna:${'secret'.repeat(50)}@proxy:1`, '255 bytes'],
  ])('%s is none, and is not repeated', (text, hint) => {
    const thrown = thrownBy(() => new ProxyUrl(text, 'HTTP_PROXY'))
    expect(thrown).toMatchObject({ code: 'RTMP_ERR_PROXY_URL' })
    expect(thrown.message).toMatch(/^HTTP_PROXY: /)
    expect(thrown.message).toContain(hint)
    expect(inspect(thrown)).not.toMatch(/anna|secret|cret/)
  })

  it('gives its login to nobody who prints it', () => {
    const proxy = new ProxyUrl('http://anna:secret@proxy:1')
    expect(proxy.authorization).toBe('Basic YW5uYTpzZWNyZXQ=')
    for (const text of [String(proxy), inspect(proxy, { depth: 9, showHidden: true }), JSON.stringify(proxy)])
      expect(text).not.toMatch(/anna|secret|YW5u/)
  })
})

function thrownBy(act: () => unknown): ProxyError {
  try {
    act()
  } catch (error) {
    return error as ProxyError
  }
  throw new Error('nothing was thrown')
}

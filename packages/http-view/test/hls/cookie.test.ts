import type { PlayInfo, Plugin } from '@rtmpipe/session'
import { send } from '@rtmpipe/testing'
import { describe, expect, it, vi } from 'vitest'
import { hls, type HlsOptions } from '../../src/index.ts'
import { cookieHeaders, cookieTokens } from '../../src/hls/serve/viewer-cookie.ts'
import { stream } from '../support/cut.ts'
import { namesIn } from '../support/hls-viewer.ts'
import { served } from '../support/served.ts'

const whole = stream({ seconds: 5 })

async function live(more: HlsOptions = {}) {
  const plays: PlayInfo[] = []
  const notes: Plugin = { name: 'notes', onPlayStart: play => void plays.push(play) }
  const options: HlsOptions = { token: 'cookie', ...more }
  const http = { port: 0, mount: [hls(options)], trustProxy: ['127.0.0.1'] }
  const server = await served(hls(options), { plugins: [notes], http })
  const publisher = await server.test.publish('live/stream')
  await send(
    publisher,
    whole.filter(({ timestamp }) => timestamp < 1_000),
  )
  const begin = async (headers: Record<string, string> = {}) => {
    const response = await server.get('/live/stream/index.m3u8', { headers })
    return { index: await response.text(), cookie: response.headers.get('set-cookie') ?? '' }
  }
  const first = begin()
  await vi.waitFor(() => expect(plays).toHaveLength(1))
  await send(
    publisher,
    whole.filter(({ timestamp }) => timestamp >= 1_000),
  )
  return { server, plays, begin, ...(await first) }
}

describe('a token in a cookie', () => {
  it('is all that says who a viewer is', async () => {
    const { server, index, cookie, plays } = await live()
    expect(cookie).toMatch(/^rtmpipe_viewer=[\w-]{24}; Path=\/live\/stream; HttpOnly; SameSite=Lax$/)
    expect(index).toMatch(/\nmain\.m3u8\n$/)
    const [pair = ''] = cookie.split(';')
    const get = (path: string, headers = {}) => server.get(`/live/stream/${path}`, { headers })
    expect((await get('main.m3u8')).status).toBe(403)
    expect((await get('main.m3u8', { cookie: 'rtmpipe_viewer=forged' })).status).toBe(403)
    const playlist = await get('main.m3u8', { cookie: `a=b; rtmpipe_viewer=old; ${pair}` })
    expect(playlist.status).toBe(200)
    const [name = ''] = namesIn(await playlist.text())
    expect((await get(name, { cookie: pair })).status).toBe(200)
    // The same viewer, who begins again.
    expect((await get('index.m3u8', { cookie: pair })).status).toBe(200)
    expect(plays).toHaveLength(1)
    plays[0]?.end()
    expect((await get('main.m3u8', { cookie: pair })).status).toBe(403)
    // Gates are asked anew, where the cookie is good no more.
    expect((await get('index.m3u8', { cookie: pair })).status).toBe(200)
    expect(plays).toHaveLength(2)
  })

  it('is secure behind a proxy with TLS, and sent to pages of other origins there', async () => {
    const { begin } = await live({ origins: ['https://page.example'] })
    const proxied = { 'x-forwarded-proto': 'https' }
    expect((await begin(proxied)).cookie).toMatch(/; SameSite=Lax; Secure$/)
    const foreign = { ...proxied, origin: 'https://page.example' }
    expect((await begin(foreign)).cookie).toMatch(/; HttpOnly; SameSite=None; Partitioned; Secure$/)
  })

  it('leaves others alone', async () => {
    const { server, plays, begin, cookie } = await live()
    const second = await begin()
    expect(second.cookie).not.toBe(cookie)
    const [one = '', two = ''] = [cookie, second.cookie].map(text => text.split(';')[0])
    plays[0]?.end()
    const status = async (pair: string) =>
      (await server.get('/live/stream/main.m3u8', { headers: { cookie: pair } })).status
    expect([await status(one), await status(two)]).toEqual([403, 200])
  })

  it('has a path that can not be more than a path', () => {
    const of = (folder: string) => cookieHeaders('t', { folder, isSecure: false, isForeign: false })['Set-Cookie']
    expect(of('/live/a%20b')).toContain('; Path=/live/a%20b;')
    expect(of('/live/x;Domain=evil.example/y')).toContain('; Path=/live/; HttpOnly')
    expect(of('/;x/y')).toContain('; Path=/; HttpOnly')
    expect(cookieTokens({ cookie: 'x=1; rtmpipe_viewer=a;rtmpipe_viewer=b; rtmpipe_viewer2=c' })).toEqual(['a', 'b'])
  })

  it.each([
    [{ token: 'header' }, /token should be/],
    [{ token: 'cookie', cdn: true }, /cdn/],
    [{ token: 'cookie', origins: '*' }, /origins/],
  ])('can not be had with %j', (options, message) => {
    expect(() => hls(options as HlsOptions)).toThrow(message)
  })
})

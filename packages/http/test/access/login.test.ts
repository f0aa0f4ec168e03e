import { describe, expect, it } from 'vitest'
import { guarded } from '../../src/index.ts'
import { doors, type Served, served, token, viewToken } from '../support/served.ts'

const json = { 'content-type': 'application/json' }

async function site(): Promise<Served> {
  return served({ mount: [guarded(doors, { login: true })] })
}

async function login({ get }: Served, secret: string): Promise<{ cookie: string; csrf: string; set: string }> {
  const answer = await get('/admin/login', { method: 'POST', headers: json, body: JSON.stringify({ token: secret }) })
  expect(answer.status).toBe(200)
  const set = answer.headers.get('set-cookie') ?? ''
  const { csrf } = (await answer.json()) as { csrf: string }
  return { set, csrf, cookie: set.split(';')[0] ?? '' }
}

describe('sessions', () => {
  it('begin with a token, and let in by a cookie that no script reads', async () => {
    const web = await site()
    const { set, csrf, cookie } = await login(web, token)
    expect(set).toMatch(/^rtmpipe=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect((await web.get('/look', { headers: { cookie } })).status).toBe(200)
    const session = await web.get('/admin/session', { headers: { cookie } })
    expect(await session.json()).toEqual({ role: 'operate', csrf })
    const change = await web.get('/change', {
      method: 'POST',
      headers: { ...json, cookie, 'x-csrf-token': csrf, origin: web.base, 'sec-fetch-site': 'same-origin' },
      body: '{"a":1}',
    })
    expect(await change.json()).toEqual({ changed: { a: 1 } })
  })

  it.each([
    ['no X-CSRF-Token', {}],
    ['another one', { 'x-csrf-token': 'another' }],
    ['an empty one', { 'x-csrf-token': '' }],
  ])('change nothing with %s', async (_what, headers) => {
    const web = await site()
    const { cookie } = await login(web, token)
    const answer = await web.get('/change', { method: 'POST', headers: { cookie, ...headers } })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('X-CSRF-Token') })
  })

  it.each([
    ['of another site', 'https://evil.example'],
    ['of another port', 'http://127.0.0.1:1'],
    ['that is null', 'null'],
  ])('change nothing from an origin %s', async (_what, origin) => {
    const web = await site()
    const { cookie, csrf } = await login(web, token)
    const headers = { cookie, origin, 'x-csrf-token': csrf }
    expect((await web.get('/change', { method: 'POST', headers })).status).toBe(403)
    expect((await web.get('/admin/logout', { method: 'POST', headers })).status).toBe(403)
    const body = JSON.stringify({ token })
    expect((await web.get('/admin/login', { method: 'POST', headers: { ...json, origin }, body })).status).toBe(403)
    expect((await web.get('/look', { headers: { cookie } })).status).toBe(200)
  })

  it('are used behind a proxy that asks by another name: the browser tells that the page is from here', async () => {
    const web = await site()
    const origin = 'https://live.example'
    const page = { ...json, origin, 'sec-fetch-site': 'same-origin' }
    const answer = await web.get('/admin/login', { method: 'POST', headers: page, body: JSON.stringify({ token }) })
    expect(answer.status).toBe(200)
    const { csrf } = (await answer.json()) as { csrf: string }
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    const change = (site: string) =>
      web.get('/change', {
        method: 'POST',
        headers: { cookie, origin, 'x-csrf-token': csrf, 'sec-fetch-site': site },
      })
    expect((await change('same-origin')).status).toBe(200)
    for (const site of ['same-site', 'cross-site', 'none']) expect((await change(site)).status, site).toBe(403)
  })

  it('of a token to look do not change anything', async () => {
    const web = await site()
    const { cookie, csrf } = await login(web, viewToken)
    const headers = { cookie, 'x-csrf-token': csrf }
    expect((await web.get('/look', { headers })).status).toBe(200)
    expect((await web.get('/change', { method: 'POST', headers })).status).toBe(403)
  })

  it('end with the log-out, and with the token', async () => {
    const web = await site()
    const one = await login(web, token)
    const two = await login(web, token)
    const headers = { cookie: one.cookie, 'x-csrf-token': one.csrf }
    const out = await web.get('/admin/logout', { method: 'POST', headers })
    expect(out.status).toBe(204)
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await web.get('/look', { headers })).status).toBe(401)
    expect((await web.get('/look', { headers: { cookie: two.cookie } })).status).toBe(200)
    web.web.house.access.take({ token, viewToken: 'another' })
    expect((await web.get('/admin/session', { headers: { cookie: two.cookie } })).status).toBe(401)
  })

  it('are not to be had by guessing, nor is the token', async () => {
    const web = await site()
    for (const body of [
      '',
      '{}',
      '[]',
      'null',
      '"x"',
      '{"token":1}',
      '{"token":""}',
      '{"token":{"a":1}}',
      '{',
      `{"token":"${'x'.repeat(5_000)}"}`,
      '{"__proto__":{"token":"x"}}',
    ]) {
      const answer = await web.get('/admin/login', { method: 'POST', headers: json, body })
      expect([400, 413], body).toContain(answer.status)
      expect(answer.headers.get('set-cookie')).toBeNull()
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
    }
    const form = new URLSearchParams({ token })
    expect((await web.get('/admin/login', { method: 'POST', body: form })).status).toBe(415)
    for (const cookie of ['rtmpipe=', 'rtmpipe=x', 'rtmpipe', '=', ';;;', 'rtmpipe=__proto__', 'x=rtmpipe=y'])
      expect((await web.get('/look', { headers: { cookie } })).status, cookie).toBe(401)
    const tries: number[] = []
    for (let time = 0; time < 12; time++) {
      const body = JSON.stringify({ token: `guess ${time}` })
      tries.push((await web.get('/admin/login', { method: 'POST', headers: json, body })).status)
    }
    expect(tries).toEqual([...Array(10).fill(401), 429, 429])
  })

  it('go on while their address waits', async () => {
    const web = await site()
    const { cookie } = await login(web, token)
    for (let time = 0; time < 11; time++) await web.as('wrong')('/look')
    expect((await web.get('/look', { headers: { cookie } })).status).toBe(200)
  })
})

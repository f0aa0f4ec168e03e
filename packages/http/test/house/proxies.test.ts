import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { guarded, type HttpOptions, type Mount } from '../../src/index.ts'
import { rawAnswer, statusOf } from '../support/raw-http.ts'
import { doors, served, token } from '../support/served.ts'

/** Says who asks, as a mount sees it. */
const mirror: Mount = async app => {
  app.get('/mirror', async ({ ip, ips, host, protocol }) => ({ ip, ips, host, protocol }))
}

async function mirrored(options: HttpOptions, headers: Record<string, string>): Promise<unknown> {
  const { get } = await served({ mount: [mirror], ...options })
  return (await get('/mirror', { headers })).json()
}

describe('a mount behind a proxy', () => {
  it.each([
    [{ 'x-forwarded-for': '6.6.6.6, 203.0.113.9', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'live.example' }],
    [{ forwarded: 'for=6.6.6.6, for=203.0.113.9;proto=https', 'x-forwarded-host': 'live.example' }],
  ])('sees who asks, and what for: %j', async headers => {
    expect(await mirrored({ trustProxy: ['loopback'] }, headers)).toEqual({
      ip: '203.0.113.9',
      ips: ['127.0.0.1', '203.0.113.9'],
      host: 'live.example',
      protocol: 'https',
    })
  })

  it.each([[undefined], [['10.0.0.0/8']]])('that is not trusted (%j) sees the proxy', async trustProxy => {
    const headers = {
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=6.6.6.6;proto=https;host=evil.example',
    }
    const seen = await mirrored({ trustProxy }, headers)
    expect(seen).toMatchObject({ ip: '127.0.0.1', host: expect.stringMatching(/^127\.0\.0\.1:/), protocol: 'http' })
  })

  it('sees the proxy behind garbage', async () => {
    expect(await mirrored({ trustProxy: ['loopback'] }, { 'x-forwarded-for': '<script>' })).toMatchObject({
      ip: '127.0.0.1',
    })
  })

  it('sees whom the PROXY protocol tells', async () => {
    const { port } = await served({ mount: [mirror], proxyProtocol: ['loopback'] })
    const header = 'PROXY TCP6 2001:db8::7 2001:db8::1 4711 443\r\n'
    const answer = await rawAnswer(port, `${header}GET /mirror HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(answer).toContain('"ip":"2001:db8::7"')
    const stranger = await served({ mount: [mirror], proxyProtocol: ['10.0.0.0/8'] })
    const socket = connect(stranger.port, '127.0.0.1').on('error', () => {})
    await once(socket.resume(), 'close')
  })
})

describe('behind a proxy', () => {
  const wrong = { authorization: 'Bearer wrong' }
  const from = (address: string) => ({ 'x-forwarded-for': address })

  it('wrong tokens of one client lock out no other, whatever it forges', async () => {
    const { get } = await served({ mount: [doors], trustProxy: ['loopback'] })
    const attack = async (forged: string) =>
      (await get('/look', { headers: { ...wrong, ...from(`${forged}, 203.0.113.9`) } })).status
    for (let attempt = 0; attempt < 10; attempt += 1) expect(await attack(`198.51.100.${attempt}`)).toBe(401)
    expect(await attack('198.51.100.77')).toBe(429)
    const authorization = `Bearer ${token}`
    for (const address of ['198.51.100.1', '203.0.113.8'])
      expect((await get('/look', { headers: { authorization, ...from(address) } })).status).toBe(200)
    expect((await get('/look', { headers: { authorization, ...from('203.0.113.9') } })).status).toBe(429)
  })

  it('a forged address does not help who asks directly', async () => {
    const { get } = await served({ mount: [doors], trustProxy: ['10.0.0.0/8'] })
    for (let attempt = 0; attempt < 10; attempt += 1)
      await get('/look', { headers: { ...wrong, ...from(`198.51.100.${attempt}`) } })
    expect((await get('/look', { headers: { ...wrong, ...from('198.51.100.99') } })).status).toBe(429)
  })

  it('a login counts as from here by the name that the browser knows, over TLS if it says so', async () => {
    const dashboard = guarded(async () => {}, { login: true })
    const { port } = await served({ mount: [dashboard], trustProxy: ['loopback'] })
    const body = JSON.stringify({ token })
    const login = (headers: readonly string[]) => {
      const head = ['POST /admin/login HTTP/1.1', 'Host: 127.0.0.1:8080', 'Content-Type: application/json', ...headers]
      return rawAnswer(
        port,
        `${head.join('\r\n')}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
    }
    const page = 'Origin: https://live.example'
    const proxied = ['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: live.example']
    const good = await login([page, ...proxied])
    expect(statusOf(good)).toBe(200)
    expect(good).toMatch(/set-cookie: __Host-rtmpipe=[^;]+;.*; Secure/i)
    expect(statusOf(await login([page]))).toBe(403)
    expect(statusOf(await login(['Origin: https://evil.example', ...proxied]))).toBe(403)
  })
})

it('tells once in the log of who is not trusted and speaks for others', async () => {
  const told: unknown[] = []
  const { get } = await served({ mount: [doors], onError: (error, remote) => void told.push([error, remote]) })
  for (let request = 0; request < 3; request += 1) await get('/open', { headers: { 'x-forwarded-for': '6.6.6.6' } })
  expect(told).toEqual([
    [expect.objectContaining({ code: 'RTMP_ERR_TUNNEL_FORWARDED' }), expect.objectContaining({ address: '127.0.0.1' })],
  ])
})

import { sampleStream, send } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { httpFlv } from '../../src/index.ts'
import { served, type Served } from '../support/served.ts'

const here = ({ port }: Served) => `http://127.0.0.1:${port}`

async function published(options?: Parameters<typeof httpFlv>[0]): Promise<Served> {
  const all = await served(httpFlv(options))
  await send(await all.test.publish('live/stream'), sampleStream(1))
  return all
}

describe('pages', () => {
  it('of the same host may watch, of others not, unless said otherwise', async () => {
    const server = await published()
    const own = await server.get('/live/stream.flv', { headers: { origin: here(server) } })
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, here(server)])
    const foreign = await server.get('/live/stream.flv', { headers: { origin: 'https://evil.example' } })
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null])
    expect(await foreign.text()).toContain('origins')
  })

  it('of origins that are listed may watch, with their cookies', async () => {
    const { get } = await published({ origins: ['https://example.com'] })
    const { status, headers } = await get('/live/stream.flv', { headers: { origin: 'https://example.com' } })
    expect([
      status,
      ...[
        'access-control-allow-origin',
        'access-control-allow-credentials',
        'vary',
        'cross-origin-resource-policy',
      ].map(name => headers.get(name)),
    ]).toEqual([200, 'https://example.com', 'true', 'Origin', 'cross-origin'])
    expect((await get('/live/stream.flv', { headers: { origin: 'https://example.org' } })).status).toBe(403)
    expect((await get('/live/stream.flv')).status).toBe(200)
  })

  it('of everywhere may watch, without their cookies', async () => {
    const { get } = await published({ origins: '*' })
    const { status, headers } = await get('/live/stream.flv', { headers: { origin: 'null' } })
    expect([
      status,
      headers.get('access-control-allow-origin'),
      headers.get('access-control-allow-credentials'),
    ]).toEqual([200, '*', null])
  })

  it('ask before they send headers of their own', async () => {
    const { get } = await published({ origins: ['https://example.com'] })
    const ask = (origin: string, asked: string) =>
      get('/live/stream.flv', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': asked },
      })
    const yes = await ask('https://example.com', 'range, authorization')
    expect([
      yes.status,
      yes.headers.get('access-control-allow-methods'),
      yes.headers.get('access-control-allow-headers'),
    ]).toEqual([204, 'GET, HEAD', 'range, authorization'])
    const no = await ask('https://example.org', 'range')
    expect([
      no.status,
      no.headers.get('access-control-allow-methods'),
      no.headers.get('access-control-allow-origin'),
    ]).toEqual([204, null, null])
    expect((await ask('https://example.com', 'a<b>')).headers.get('access-control-allow-headers')).toBeNull()
  })
})

import { readdir } from 'node:fs/promises'
import { get as httpGet } from 'node:http'
import { publishKeys } from '@rtmpipe/plugins/auth'
import { deny, type Plugin } from '@rtmpipe/session'
import { browserFolder, pagesFolder } from '@rtmpipe/web'
import { describe, expect, it } from 'vitest'
import { pages, webScripts } from '../../src/index.ts'
import { served } from '../support/served.ts'

const mount = [pages()]

/** Names in the list, for who comes with these headers. */
async function listed(get: (path: string, init?: RequestInit) => Promise<Response>, headers = {}): Promise<unknown> {
  const answer = await get('/rtmpipe/streams', { headers })
  const { streams } = (await answer.json()) as { streams: readonly { app: string; name: string }[] }
  return streams.map(({ app, name }) => `${app}/${name}`)
}

describe('pages()', () => {
  it('serves one page for the list, each stream and the publisher', async () => {
    const { get } = await served({ mount })
    for (const path of ['/', '/publish', '/watch/live/stream', '/watch/live/room/a%3Cb%3E', '/?a=b']) {
      const answer = await get(path)
      expect(answer.status, path).toBe(200)
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(answer.headers.get('cache-control')).toBe('no-cache')
      expect(await answer.text()).toContain('<script type="module"')
      expect((await get(path, { headers: { 'if-none-match': answer.headers.get('etag') ?? '' } })).status).toBe(304)
    }
  })

  it('has a strict policy without anything inline or from elsewhere', async () => {
    const { get } = await served({ mount })
    for (const path of ['/', '/publish', '/watch/live/stream']) {
      const { headers } = await get(path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toMatch(/^default-src 'self';/)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/unsafe|data:|\*|http|script-src/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
    expect(await (await get('/')).text()).not.toMatch(/<style|\son\w+=|style=|<script(?![^>]*\ssrc=)/)
  })

  it('lets what has a hash in its name be kept for ever, and nothing else', async () => {
    const { get } = await served({ mount })
    const assets = (await readdir(`${pagesFolder}/assets`)).map(name => `/rtmpipe/pages/assets/${name}`)
    const shared = (await readdir(browserFolder)).filter(name => /^shared-.*\.js$/.test(name))
    expect(assets.length).toBeGreaterThan(1)
    expect(shared.length).toBeGreaterThan(0)
    for (const path of [...assets, ...shared.map(name => `/rtmpipe/${name}`)]) {
      const answer = await get(path)
      expect(answer.status, path).toBe(200)
      expect(answer.headers.get('cache-control'), path).toBe('public, max-age=31536000, immutable')
    }
  })

  it('leads to no other file, and takes no other methods', async () => {
    const { port, get } = await served({ mount })
    const paths = [
      '/rtmpipe/../package.json',
      '/rtmpipe/..%2f..%2fpackage.json',
      '/rtmpipe/%2e%2e/%2e%2e/package.json',
      '/rtmpipe/pages/../browser/index.d.ts',
      '/rtmpipe/index.d.ts',
      '/rtmpipe/rtmpipe.d.ts',
      '/rtmpipe/connect.d.ts',
      '/rtmpipe/',
      '/rtmpipe/pages/',
      '/rtmpipe//etc/passwd',
      '/rtmpipe/..\\..\\index.js',
      '/rtmpipe/%00',
      '/publish/x',
    ]
    for (const path of paths) expect(await statusOf(port, path), path).toBeGreaterThanOrEqual(400)
    for (const method of ['POST', 'PUT', 'DELETE'])
      for (const path of ['/', '/publish', '/rtmpipe/streams']) expect((await get(path, { method })).status).toBe(404)
  })
})

describe('webScripts()', () => {
  it('serves what pages import, which is asked for again each time', async () => {
    for (const mounted of [mount, [webScripts()]]) {
      const { get } = await served({ mount: mounted })
      for (const path of ['/rtmpipe/web.js', '/rtmpipe/elements.js']) {
        const answer = await get(path)
        expect(answer.status, path).toBe(200)
        expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
        expect(answer.headers.get('cache-control')).toBe('no-cache')
        expect(answer.headers.get('content-security-policy')).not.toMatch(/unsafe|data:|http/)
        const etag = answer.headers.get('etag') ?? ''
        expect((await get(path, { headers: { 'if-none-match': etag } })).status).toBe(304)
        expect((await get(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
      }
    }
  })

  it('serves no pages and no list', async () => {
    const { get } = await served({ mount: [webScripts()] })
    for (const path of ['/', '/publish', '/watch/live/stream', '/rtmpipe/streams'])
      expect((await get(path)).status, path).toBe(404)
  })
})

describe('the list of streams', () => {
  it('has what is live, those with most viewers first, and nothing that is only waited for', async () => {
    const { test, get } = await served({ mount })
    await test.play('live/waited-for')
    await test.publish('live/quiet')
    await test.publish('live/seen')
    await test.play('live/seen')
    expect(await listed(get)).toEqual(['live/seen', 'live/quiet'])
    const answer = await get('/rtmpipe/streams')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    const { streams } = (await answer.json()) as { streams: unknown[] }
    expect(streams[0]).toEqual({ app: 'live', name: 'seen', since: expect.any(String), viewers: 1, codecs: [] })
  })

  it('leaves out what gates would not let this viewer play', async () => {
    const gate: Plugin = {
      name: 'gate',
      onConnect: ({ app }) => (app === 'closed' ? deny('NetConnection.Connect.Rejected', 'closed') : undefined),
      onPlay: ({ streamName, connection }) =>
        streamName === 'members' && connection.remote.address === '127.0.0.1'
          ? deny('NetStream.Play.Failed', 'members only')
          : undefined,
    }
    const { test, get } = await served({ mount }, [gate])
    for (const name of ['live/open', 'live/members']) await test.publish(name)
    expect(await listed(get)).toEqual(['live/open'])
  })

  it('leaves out what needs a key to be played', async () => {
    const keys = publishKeys({ keys: ['right'], actions: ['publish', 'play'] })
    const { test, get } = await served({ mount }, [keys])
    await test.publish('live/secret?key=right')
    expect(await listed(get)).toEqual([])
  })

  it('leaves out names that the URL of a page has no place for', async () => {
    const { test, get } = await served({ mount })
    await test.publish('live/open')
    const client = await test.connect('live')
    await client.publish('a/b')
    await (await test.connect('live')).publish('a&key=b')
    expect(await listed(get)).toEqual(['live/open'])
  })

  it('shows gates who it is as if that viewer came to play', async () => {
    const gate: Plugin = {
      name: 'gate',
      onPlay: ({ connection: { transport, secure, tcUrl, request } }) =>
        request?.headers['cookie'] === 'session=member' &&
        transport === 'ws' &&
        !secure &&
        /^ws:..127.*live$/.test(tcUrl)
          ? undefined
          : deny('NetStream.Play.Failed', 'members only'),
    }
    const { test, get } = await served({ mount }, [gate])
    await test.publish('live/members')
    expect(await listed(get)).toEqual([])
    expect(await listed(get, { cookie: 'session=member' })).toEqual(['live/members'])
  })

  it('asks gates once for a while, for each viewer', async () => {
    let asked = 0
    const gate: Plugin = { name: 'gate', onPlay: () => void (asked += 1) }
    const { test, get } = await served({ mount }, [gate])
    await test.publish('live/open')
    await Promise.all([listed(get), listed(get), listed(get)])
    expect(asked).toBe(1)
    await listed(get, { cookie: 'session=other' })
    await listed(get, { authorization: 'Bearer other' })
    expect(asked).toBe(3)
  })
})

/** Asks for what `fetch` would tidy up. */
async function statusOf(port: number, path: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    httpGet({ port, path }, answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    }).on('error', reject)
  })
}

import { createHmac } from 'node:crypto'
import type { RtmpClient } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Action, signedUrls, signUrl } from '../../src/auth/index.ts'
import { connectFrom } from './support/connect-from.ts'
import { logLines } from './support/log-lines.ts'

const key = 'a key that nobody knows'
const expires = new Date('2030-01-01T00:00:00Z')
const before = () => expires.getTime() - 1
const denied = { statusCode: 'NetStream.Publish.Denied' }

/** `app/name?…` of a URL. */
const pathOf = (url: string) => url.replace(/^[a-z]+:\/\/[^/]+\//, '')
const sign = (path: string, options: Partial<Parameters<typeof signUrl>[1]> = {}) =>
  pathOf(signUrl(`rtmp://host:1935/${path}`, { key, action: 'publish', expires, ...options }))

describe('signUrl', () => {
  it('makes what the documentation says', () => {
    const text = 'rtmpipe-url-1\nplay\nlive/room/name\n1893456000\n2024\n192.0.2.7'
    const signature = createHmac('sha256', key).update(text).digest('base64url')
    expect(
      signUrl('rtmps://host/live/room/name', { key, keyId: '2024', action: 'play', expires, ip: '::ffff:192.0.2.7' }),
    ).toBe(`rtmps://host/live/room/name?exp=1893456000&kid=2024&sig=${signature}`)
  })

  it('keeps a query that is there, and is short and safe in URLs', () => {
    const url = signUrl('rtmp://host/live/name?a=b', { key, action: 'play', expires })
    expect(url).toMatch(/^rtmp:\/\/host\/live\/name\?a=b&exp=\d{10}&sig=[\w-]{43}$/)
  })

  it.each([
    'rtmp://host/live',
    'rtmp://host/live/',
    'rtmp://host//name',
    'live/name',
    'rtmp://host/li ve/name',
    'rtmp:///live/name',
    'rtmp://host/live/name#x',
  ])('does not sign %s', url => {
    expect(() => signUrl(url, { key, action: 'play', expires })).toThrow(/expected the URL of a stream/)
  })

  it('does not sign with nonsense', () => {
    for (const wrong of [{ key: '' }, { keyId: 'a b' }, { expires: new Date(NaN) }, { ip: 'host' }]) {
      expect(() => sign('live/name', wrong)).toThrow(TypeError)
    }
  })
})

describe('signedUrls', () => {
  it('lets in who has a URL for just that', async () => {
    await using server = new TestServer({ plugins: [signedUrls({ keys: key, now: before })] })
    await server.publish(sign('live/name'))
    await server.play(sign('live/name', { action: 'play' }))
  })

  it('does not care where a client splits application and name', async () => {
    await using server = new TestServer({ plugins: [signedUrls({ keys: key, now: before })] })
    const [, query = ''] = sign('a/b/c/d').split('?')
    await (await server.connect('a/b')).publish(`c/d?${query}`)
    await (await server.connect(`a/b/c?${query}`)).play('d').then(
      () => expect.unreachable('a URL for publishing plays nothing'),
      error => expect(error).toMatchObject({ statusCode: 'NetStream.Play.Failed' }),
    )
  })

  const others: readonly [string, () => string][] = [
    ['another stream', () => sign('live/other').replace('other', 'name')],
    ['another application', () => sign('other/name').replace('other', 'live')],
    ['another action', () => sign('live/name', { action: 'play' })],
    ['another time', () => sign('live/name').replace('exp=1893456000', 'exp=1893456001')],
    ['the same time in other words', () => sign('live/name').replace('exp=', 'exp=0')],
    ['no time', () => sign('live/name').replace(/exp=\d+&/, '')],
    ['another key', () => sign('live/name', { key: 'another' })],
    ['another key id', () => `${sign('live/name')}&kid=other`],
    ['the id of a property that all objects have', () => `${sign('live/name')}&kid=constructor`],
    ['another address', () => sign('live/name', { ip: '192.0.2.7' })],
    ['a signature that is cut', () => sign('live/name').slice(0, -1)],
  ]
  it.each(others)('refuses what was signed for %s', async (_what, path) => {
    await using server = new TestServer({ plugins: [signedUrls({ keys: key, now: before })] })
    await expect(server.publish(path())).rejects.toMatchObject({ ...denied, description: 'this URL is not valid' })
  })

  it('refuses what is not signed, and what has expired', async () => {
    let now = before()
    await using server = new TestServer({ plugins: [signedUrls({ keys: key, now: () => now })] })
    const path = sign('live/name')
    await expect(server.publish('live/name?exp=1893456000')).rejects.toThrow('a signed URL is needed')
    const publisher = await server.publish(path)
    now += 1
    await expect(server.publish(path)).rejects.toThrow('this URL has expired')
    expect(publisher.destroyed).toBe(false)
  })

  it('takes no change of a single character', async () => {
    await using server = new TestServer({ plugins: [signedUrls({ keys: key, now: before })] })
    const [name = '', query = ''] = sign('live/name').split('?')
    await fc.assert(
      fc.asyncProperty(fc.nat(query.length - 1), fc.constantFrom('A', 'z', '0', '7', '_'), async (at, character) => {
        fc.pre(query[at] !== character)
        const changed = query.slice(0, at) + character + query.slice(at + 1)
        // The last of 43 characters has two bits that say nothing, but texts are compared, not bytes.
        await expect(server.publish(`${name}?${changed}`)).rejects.toMatchObject(denied)
      }),
      { numRuns: 60 },
    )
  })

  it('knows several keys, for a change of keys', async () => {
    const keys = { old: 'the old one', new: 'the new one' }
    await using server = new TestServer({ plugins: [signedUrls({ keys, now: before })] })
    await server.publish(sign('live/a', { key: keys.old, keyId: 'old' }))
    await server.publish(sign('live/b', { key: keys.new, keyId: 'new' }))
    await expect(server.publish(sign('live/c', { key: keys.old, keyId: 'new' }))).rejects.toMatchObject(denied)
    await expect(server.publish(sign('live/c', { key: keys.old }))).rejects.toMatchObject(denied)
  })

  it('binds a URL to an address', async () => {
    await using server = new TestServer({ plugins: [signedUrls({ keys: key, now: before })] })
    const [, name = ''] = sign('live/name', { ip: '192.0.2.7' }).split('/')
    const clients: RtmpClient[] = []
    for (const address of ['::ffff:192.0.2.7', '192.0.2.8']) clients.push(await connectFrom(server, address, 'live'))
    const [right, wrong] = clients as [RtmpClient, RtmpClient]
    await expect(wrong.publish(name)).rejects.toMatchObject(denied)
    await right.publish(name)
    for (const { messages } of clients) messages.destroy()
  })

  it('guards what it is told to', async () => {
    const actions: Action[] = ['publish']
    await using server = new TestServer({ plugins: [signedUrls({ keys: key, actions })] })
    await server.play('live/name')
    await expect(server.publish('live/name')).rejects.toMatchObject(denied)
  })

  it('takes no empty keys, and not none', () => {
    for (const keys of ['', {}, { a: '' }]) expect(() => signedUrls({ keys })).toThrow(TypeError)
  })

  it('leaves signatures out of the log', async () => {
    const lines: string[] = []
    await using server = new TestServer({ plugins: [signedUrls({ keys: key, now: before })], log: logLines(lines) })
    const path = sign('live/name')
    await server.publish(path)
    await expect(server.publish(`${path}x`)).rejects.toThrow()
    expect(lines.length).toBeGreaterThan(3)
    const secret = path.slice(-43)
    expect(lines.filter(line => line.includes(secret) || line.includes(key))).toEqual([])
  })
})

import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Plugin, StatusError } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { httpCallback } from '../../src/auth/http-callback/http-callback.ts'
import { ipFilter } from '../../src/auth/ip-filter.ts'
import { publishKeys } from '../../src/auth/publish-keys.ts'
import { signedUrls } from '../../src/auth/signed-url/signed-urls.ts'

const request = { url: '/rtmp?token=s3cret', headers: { host: 'example.org', cookie: 'session=s3cret' } }
/** Everything that web servers were sent. */
let asked = ''
const refusing = createServer((incoming, response) => {
  asked += `${incoming.url}${JSON.stringify(incoming.headers)}`
  incoming.on('data', (body: Buffer) => (asked += body.toString())).on('end', () => void response.writeHead(403).end())
})
let url = ''

beforeAll(async () => {
  refusing.listen(0, '127.0.0.1')
  await once(refusing, 'listening')
  url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}/`
})
afterAll(() => void refusing.close())

const plugins: Record<string, () => Plugin> = {
  publishKeys: () => publishKeys({ keys: ['k'], actions: ['publish', 'play'] }),
  signedUrls: () => signedUrls({ keys: 'a secret of thirty-two characters', actions: ['publish', 'play'] }),
  ipFilter: () => ipFilter({ allow: ['192.0.2.1'], actions: ['publish', 'play'] }),
  httpCallback: () => httpCallback({ url: { publish: url, play: url } }),
}

describe.each(Object.keys(plugins))('%s refuses a stream', name => {
  it.each(['publish', 'play'] as const)('by %s, and a page keeps its connection; others are ended', async what => {
    await using server = new TestServer({ plugins: [(plugins[name] as () => Plugin)()] })
    const [page, other] = [await server.connect('live', { request }), await server.connect('live')]
    const refused = expect.objectContaining<Partial<StatusError>>({
      statusCode: what === 'play' ? 'NetStream.Play.Failed' : 'NetStream.Publish.Denied',
    })
    await expect(page[what]('name')).rejects.toEqual(refused)
    await expect(other[what]('name')).rejects.toEqual(refused)
    await expect.poll(() => other.state, { interval: 1 }).toBe('closed')
    expect(await page.sharedObject('chat')).toBeDefined()
  })
})

it.each(['rtmpipe', 'nginx-rtmp', 'srs', 'mediamtx'] as const)(
  'a web server asked in the format %s is told nothing of the page’s cookies and token',
  async format => {
    asked = ''
    await using server = new TestServer({ plugins: [httpCallback({ url: { publish: url }, format })] })
    const page = await server.connect('live', { request })
    await expect(page.publish('name')).rejects.toThrow('not allowed')
    expect(asked).toContain('name')
    expect(asked).not.toContain('s3cret')
  },
)

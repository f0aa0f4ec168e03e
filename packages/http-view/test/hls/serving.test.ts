import { deny, type PlayInfo, type Plugin } from '@rtmpipe/session'
import { send } from '@rtmpipe/testing'
import { request } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { hls, type HlsOptions } from '../../src/index.ts'
import { stream } from '../support/cut.ts'
import { checkedPlaylist } from '../support/hls-rules.ts'
import { namesIn, watch } from '../support/hls-viewer.ts'
import { served, type Served, type ServedOptions } from '../support/served.ts'

/** A stream that is published, of which five seconds were sent, and a viewer of it. */
async function live(options: HlsOptions = {}, more: ServedOptions = {}) {
  const server = await served(hls(options), more)
  const publisher = await begin(server)
  const viewer = await watchFrom(server, publisher)
  return { server, publisher, viewer }
}

const whole = stream({ seconds: 11 })
/** The rest of the stream of {@link live}. */
const rest = whole.filter(({ timestamp }) => timestamp >= 5_000)

/** Publishes the first second. */
async function begin({ test }: Served, name = 'live/stream') {
  const publisher = await test.publish(name)
  await send(
    publisher,
    whole.filter(({ timestamp }) => timestamp < 1_000),
  )
  return publisher
}

/** What is cut begins with the first viewer, who waits for a whole segment. */
async function watchFrom(
  server: Served,
  publisher: Awaited<ReturnType<typeof begin>>,
  path = '/live/stream',
  query = '',
) {
  const { connections } = server.test.server
  const before = connections.size
  const watching = watch(server, path, query)
  await vi.waitFor(() => expect(connections.size).toBeGreaterThan(before))
  await send(
    publisher,
    whole.filter(({ timestamp }) => timestamp >= 1_000 && timestamp < 5_000),
  )
  return watching
}

describe('hls()', () => {
  it('serves the playlists, and all that they name', async () => {
    const { viewer } = await live()
    expect(viewer.index).toMatch(/BANDWIDTH=\d{4,},AVERAGE-BANDWIDTH=\d{4,},CODECS="avc1\.42C00D,mp4a\.40\.2"/)
    expect(viewer.index).toContain('RESOLUTION=640x360,FRAME-RATE=25.000')
    const response = await viewer.playlist()
    expect(response.headers.get('content-type')).toBe('application/vnd.apple.mpegurl')
    const text = await response.text()
    checkedPlaylist(text)
    const hinted = /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(text)?.[1]
    for (const name of namesIn(text).filter(each => each !== hinted)) {
      const file = await viewer.file(name)
      expect([name, file.status]).toEqual([name, 200])
      expect(file.headers.get('content-type')).toBe('video/mp4')
      expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(100)
    }
  })

  it('answers who waits for a part, a segment or a hinted part when it is there', async () => {
    const { publisher, viewer } = await live()
    const text = await (await viewer.playlist()).text()
    const hinted = /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(text)?.[1] ?? ''
    const last = text.match(/#EXT-X-PART:/g)?.length ?? 0
    const part = Number(/\.(\d+)\.m4s$/.exec(hinted)?.[1])
    const waiting = [
      viewer.playlist(`&_HLS_msn=2&_HLS_part=${part}`),
      viewer.playlist('&_HLS_msn=2'),
      viewer.file(hinted),
    ]
    await send(publisher, rest)
    const [parts, segment, file] = await Promise.all(waiting)
    expect([parts?.status, segment?.status, file?.status]).toEqual([200, 200, 200])
    expect((await parts?.text())?.match(/#EXT-X-PART:/g)?.length).toBeGreaterThanOrEqual(last)
    expect((await segment?.text())?.match(/#EXTINF/g)?.length).toBeGreaterThanOrEqual(3)
  })

  it('ends the playlist with the publish, and can be watched for a while', async () => {
    const { publisher, viewer, server } = await live()
    const waiting = viewer.playlist('&_HLS_msn=2')
    publisher.end()
    const text = await (await waiting).text()
    expect(text).toMatch(/#EXT-X-ENDLIST\n$/)
    checkedPlaylist(text)
    const late = await watch(server)
    expect(await (await late.playlist()).text()).toBe(text)
  })

  it('is for live streams alone', async () => {
    const server = await served(hls())
    const response = await server.get('/live/nobody/index.m3u8')
    expect(response.status).toBe(404)
  })

  it('asks the gates once for a viewer, who is counted, and ended by whoever may', async () => {
    const asked = vi.fn()
    const plays = new Set<PlayInfo>()
    const gate: Plugin = {
      name: 'gate',
      onPlayStart: play => void plays.add(play),
      onPlayEnd: play => void plays.delete(play),
      onPlay: ({ query, connection }) => {
        asked(query.get('key'), connection.transport)
        return query.get('key') === 'right' ? undefined : deny('NetStream.Play.Failed', 'not for you')
      },
    }
    const server = await served(hls(), { plugins: [gate] })
    const publisher = await begin(server)
    const refused = await server.get('/live/stream/index.m3u8?key=wrong')
    expect([refused.status, await refused.text()]).toEqual([403, 'NetStream.Play.Failed: not for you\n'])
    const viewer = await watchFrom(server, publisher, '/live/stream', '?key=right')
    for (let count = 0; count < 5; count += 1) expect((await viewer.playlist()).status).toBe(200)
    expect(asked.mock.calls).toEqual([
      ['wrong', 'hls'],
      ['right', 'hls'],
    ])
    const [play] = plays
    expect(plays.size).toBe(1)
    const waiting = viewer.playlist('&_HLS_msn=2')
    play?.end()
    expect((await waiting).status).toBe(403)
    expect((await viewer.playlist()).status).toBe(403)
    await vi.waitFor(() => expect(plays.size).toBe(0))
  })

  it('lets pages of other origins watch that were named', async () => {
    const { server } = await live({ origins: ['https://good.example'] })
    const from = (origin: string) => server.get('/live/stream/index.m3u8', { headers: { origin } })
    const good = await from('https://good.example')
    expect([good.status, good.headers.get('access-control-allow-origin')]).toEqual([200, 'https://good.example'])
    expect((await from('https://evil.example')).status).toBe(403)
  })

  it('makes MPEG-TS for old devices', async () => {
    const { viewer } = await live({ format: 'ts' })
    const text = await (await viewer.playlist()).text()
    expect(text).not.toContain('EXT-X-MAP')
    const [name = ''] = namesIn(text).filter(each => !each.includes('.0.') && each.endsWith('.ts'))
    const file = await viewer.file(name)
    expect(file.headers.get('content-type')).toBe('video/mp2t')
    const bytes = Buffer.from(await file.arrayBuffer())
    expect(bytes.length % 188).toBe(0)
    for (let at = 0; at < bytes.length; at += 188) expect(bytes[at]).toBe(0x47)
  })
})

describe('what hls() refuses', () => {
  it.each([
    ['&_HLS_msn=-1', 400],
    ['&_HLS_msn=x', 400],
    ['&_HLS_msn=1e3', 400],
    ['&_HLS_msn=99999999999999999999', 400],
    ['&_HLS_msn=100', 400],
    ['&_HLS_msn=2&_HLS_part=1000', 400],
    ['&_HLS_msn=1&_HLS_msn=2', 400],
    ['&_HLS_part=1', 400],
    ['&_HLS_part=-1&_HLS_msn=2', 400],
    ['&_HLS_skip=maybe', 400],
    ['&_HLS_msn=0', 200],
    ['&_HLS_skip=YES', 200],
  ])('a playlist with %s: %i', async (directives, status) => {
    const { viewer } = await live()
    expect((await viewer.playlist(directives)).status).toBe(status)
  })

  it.each([
    ['/live/stream/main.m3u8', 403],
    ['/live/stream/main.m3u8?viewer=forged', 403],
    ['/live/stream/index.m3u8?viewer=forged', 403],
    ['/live/stream/none-there.m4s', 404],
    ['/live/stream/main-0.0.m4s', 404],
    ['/live/stream/..%2f..%2fetc%2fpasswd.mp4', 404],
    ['/live/..%2fstream/index.m3u8', 404],
    ['/live/%00/index.m3u8', 404],
    ['/live/stream%0d%0aX-Evil:%201/index.m3u8', 404],
    ['/index.m3u8', 404],
    ['/live/index.m3u8', 404],
    ['/live/stream/%zz.m3u8', 404],
  ])('%s: %i', async (path, status) => {
    const { server } = await live()
    const { statusCode, headers } = await plain(server, path)
    expect(statusCode === 400 ? 404 : statusCode).toBe(status)
    expect(headers['x-evil']).toBeUndefined()
  })

  it('a token of another stream', async () => {
    const { server, viewer } = await live()
    const second = await watchFrom(server, await begin(server, 'live/other'), '/live/other')
    expect((await server.get(`/live/stream/main.m3u8?viewer=${second.token}`)).status).toBe(403)
    const [, name = ''] = namesIn(await (await viewer.playlist()).text())
    expect((await server.get(`/live/other/${name}`)).status).toBe(404)
    expect((await server.get(`/live/stream/${name}`)).status).toBe(200)
  })

  it('more viewers than there may be, and more requests that wait', async () => {
    const { server, viewer } = await live({ maxViewersPerAddress: 2, maxWaiting: 1 })
    await watch(server)
    expect((await server.get('/live/stream/index.m3u8')).status).toBe(429)
    const waiting = viewer.playlist('&_HLS_msn=2')
    await vi.waitFor(async () => expect((await viewer.playlist('&_HLS_msn=2')).status).toBe(503))
    await server.test[Symbol.asyncDispose]()
    await waiting.catch(() => undefined)
  })

  it('options that make no sense', () => {
    expect(() => hls({ segmentDuration: 1 })).toThrow(/segmentDuration/)
    expect(() => hls({ partDuration: 5_000 })).toThrow(/partDuration/)
    expect(() => hls({ nothing: 1 } as never)).toThrow(/nothing/)
    expect(() => hls({ origins: ['no origin'] })).toThrow(/origins/)
    expect(() => hls({ format: 'mkv' } as never)).toThrow(/format/)
  })
})

describe('caching', () => {
  it('is up to nobody where each viewer has a token', async () => {
    const { viewer } = await live()
    expect((await viewer.playlist()).headers.get('cache-control')).toBe('no-store')
    const [, name = ''] = namesIn(await (await viewer.playlist()).text())
    expect((await viewer.file(name)).headers.get('cache-control')).toBe('private, max-age=3600, immutable')
  })

  it('is allowed with one token for all, and gates are not given the query of whoever comes first', async () => {
    const queries: string[] = []
    const gate: Plugin = { name: 'gate', onPlay: ({ query }) => void queries.push(query.toString()) }
    const server = await served(hls({ cdn: true }), { plugins: [gate] })
    const publisher = await begin(server)
    const [one, two] = await Promise.all([
      watchFrom(server, publisher, '/live/stream', '?key=secret'),
      watch(server, '/live/stream', '?key=secret'),
    ])
    expect(one.token).toBe(two.token)
    expect(queries).toEqual([''])
    const asked = await one.playlist('&_HLS_msn=0')
    expect(asked.headers.get('cache-control')).toBe('public, max-age=12')
    expect((await one.playlist()).headers.get('cache-control')).toBe('public, max-age=1')
    const [, name = ''] = namesIn(await asked.text())
    expect((await one.file(name)).headers.get('cache-control')).toBe('public, max-age=3600, immutable')
  })
})

/** A request whose path nobody tidies up. */
function plain({ port }: Served, path: string) {
  return new Promise<{ statusCode: number | undefined; headers: NodeJS.Dict<string | string[]> }>((resolve, fail) => {
    request({ port, host: '127.0.0.1', path, agent: false }, response => {
      response.resume()
      resolve({ statusCode: response.statusCode, headers: response.headers })
    })
      .on('error', fail)
      .end()
  })
}

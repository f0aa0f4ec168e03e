import { deny, type Plugin, type PlayInfo } from '@rtmpipe/session'
import { samples, sampleStream, send } from '@rtmpipe/testing'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { httpFlv } from '../../src/index.ts'
import { essence, FlvReader } from '../support/flv-of.ts'
import { served } from '../support/served.ts'

const video = 9
const audio = 8

describe('httpFlv()', () => {
  it('shows what is published, from metadata, headers and keyframe on, and ends with it', async () => {
    const { test, get } = await served(httpFlv())
    const publisher = await test.publish('live/stream')
    const sent = sampleStream(12)
    await send(publisher, sent.slice(0, 9))
    const response = await get('/live/stream.flv')
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'video/x-flv',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'transfer-encoding': 'chunked',
      'accept-ranges': 'none',
      'x-content-type-options': 'nosniff',
    })
    const flv = new FlvReader(response)
    const beginning = await flv.take(9)
    expect(flv.header).toEqual({ hasAudio: true, hasVideo: true })
    await send(publisher, sent.slice(9))
    publisher.end()
    const all = [...beginning, ...(await flv.rest())]
    expect(all.map(essence).sort()).toEqual(sent.map(essence).sort())
  })

  it('keeps the times of the publisher', async () => {
    const { test, get } = await served(httpFlv())
    const publisher = await test.publish('live/stream')
    const late = 0xfff0_0000
    await send(publisher, [samples.videoHeader(late), samples.keyframe(late), samples.interframe(late + 40)])
    const flv = new FlvReader(await get('/live/stream.flv'))
    const times = (await flv.take(3)).map(({ timestamp }) => timestamp)
    expect(times.slice(1)).toEqual([late, late + 40])
  })

  it.each([
    ['audio=0', { hasAudio: false, hasVideo: true }, [video]],
    ['video=0', { hasAudio: true, hasVideo: false }, [audio]],
    ['audio=1', { hasAudio: true, hasVideo: true }, [audio, video]],
  ])('leaves out what ?%s does not want', async (query, header, kinds) => {
    const { test, get } = await served(httpFlv())
    const publisher = await test.publish('live/stream')
    await send(publisher, sampleStream(4))
    const flv = new FlvReader(await get(`/live/stream.flv?${query}`))
    await flv.take(1)
    await send(publisher, [samples.keyframe(1_000), samples.audio(1_000)])
    publisher.end()
    const types = new Set((await flv.rest()).map(({ messageTypeId }) => messageTypeId))
    expect(flv.header).toEqual(header)
    expect([...types].filter(type => type !== 18).sort()).toEqual(kinds)
  })

  it.each<[string, Record<string, number>, object]>([
    ['video alone', { width: 640, videocodecid: 7 }, { hasAudio: false, hasVideo: true }],
    ['both', { width: 640, audiocodecid: 10 }, { hasAudio: true, hasVideo: true }],
    ['nothing of it', { duration: 0 }, { hasAudio: true, hasVideo: true }],
  ])('promises in its header what metadata tell of: %s', async (_what, properties, header) => {
    const { test, get } = await served(httpFlv())
    const publisher = await test.publish('live/stream')
    await send(publisher, [samples.metadata(properties)])
    const flv = new FlvReader(await get('/live/stream.flv'))
    await flv.take(1)
    expect(flv.header).toEqual(header)
  })

  it('packs a batch once for all who want the same of it', async () => {
    const { test, get } = await served(httpFlv())
    const publisher = await test.publish('live/stream')
    await send(publisher, sampleStream(1))
    const viewers = await Promise.all([1, 2, 3].map(async () => new FlvReader(await get('/live/stream.flv'))))
    const beginnings = await Promise.all(viewers.map(viewer => viewer.take(5)))
    await send(publisher, [samples.keyframe(40), samples.audio(60)])
    const ends = await Promise.all(viewers.map(viewer => viewer.take(2)))
    for (const [index, end] of ends.entries())
      expect([...(beginnings[index] ?? []), ...end].map(essence)).toEqual(
        [...(beginnings[0] ?? []), ...(ends[0] ?? [])].map(essence),
      )
  })

  it('passes the gates, and is counted and ended like a player', async () => {
    const asked: unknown[] = []
    const plays: PlayInfo[] = []
    const plugin: Plugin = {
      name: 'spy',
      onConnect: ({ connection, app }) =>
        void asked.push(app, connection.transport, connection.tcUrl, connection.flashVer),
      onPlay({ connection, streamName, query }) {
        asked.push(streamName, query.get('key'), connection.request?.url, connection.request?.headers['x-mine'])
      },
      onPlayStart: play => void plays.push(play),
    }
    const { test, port, get } = await served(httpFlv(), { plugins: [plugin] })
    const publisher = await (await test.connect('live')).publish('a/b')
    asked.length = 0
    await send(publisher, sampleStream(3))
    const headers = { 'x-mine': 'yes', 'user-agent': 'tv' }
    const flv = new FlvReader(await get('/live/a%2Fb.flv?key=k%20k', { headers }))
    expect(asked).toEqual([
      ...['live', 'http-flv', `http://127.0.0.1:${port}/live`, 'tv'],
      ...['a/b', 'k k', '/live/a%2Fb.flv?key=k%20k', 'yes'],
    ])
    const got = await flv.take(9)
    const [play] = plays
    expect(test.server.streams.get('live', 'a/b')?.viewers).toBe(1)
    expect(play?.bytes).toBeGreaterThan(got.reduce((sum, { payload }) => sum + payload.length, 0))
    expect(test.server.traffic.get('http-flv')).toMatchObject({ accepted: 1 })
    play?.end()
    await flv.rest()
    await expect.poll(() => test.server.connections.size).toBe(1)
  })

  it.each<[string, Plugin, number, string]>([
    [
      'onPlay',
      { name: 'no', onPlay: () => deny('NetStream.Play.Failed', 'not for you') },
      403,
      'NetStream.Play.Failed: not for you',
    ],
    [
      'onConnect',
      {
        name: 'no',
        onConnect: ({ app }) => (app === 'live' ? deny('NetConnection.Connect.Rejected', 'not here') : undefined),
      },
      403,
      'not here',
    ],
    [
      'a gate that asks for a login',
      { name: 'no', onPlay: () => deny('NetStream.Play.Failed', 'log in', { httpStatus: 401 }) },
      401,
      'log in',
    ],
    [
      'a gate that knows no such stream',
      { name: 'no', onPlay: () => deny('NetStream.Play.StreamNotFound', 'gone') },
      404,
      'gone',
    ],
    [
      'a gate that names no status of HTTP',
      { name: 'no', onPlay: () => deny('NetStream.Play.Failed', 'so', { httpStatus: 200 }) },
      403,
      'so',
    ],
    [
      'a gate that keeps connections',
      { name: 'no', onPlay: () => deny('NetStream.Play.Failed', 'so', {}, { keepsConnection: true }) },
      403,
      'so',
    ],
    [
      'a bug',
      {
        name: 'no',
        onPlay: () => {
          throw new Error('secret')
        },
      },
      500,
      'internal error',
    ],
  ])('is refused by %s', async (_what, plugin, status, text) => {
    const { test, get } = await served(httpFlv({ origins: '*' }), { plugins: [plugin] })
    const response = await get('/live/stream.flv')
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(text)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
    await expect.poll(() => [test.server.connections.size, test.server.streams.size]).toEqual([0, 0])
  })

  it('waits for a publisher as long as players do, and answers 404 then', async () => {
    const { get } = await served(httpFlv(), { publishWait: 20 })
    const response = await get('/live/nobody.flv')
    expect([response.status, await response.text()]).toEqual([
      404,
      'NetStream.Play.StreamNotFound: nobody publishes nobody\n',
    ])
  })

  it('answers 404 at once where nobody is to wait', async () => {
    const { test, get } = await served(httpFlv({ publishWait: 0 }))
    expect((await get('/live/nobody.flv')).status).toBe(404)
    const publisher = await test.publish('live/stream')
    const coming = get('/live/stream.flv')
    await expect.poll(() => test.server.streams.get('live', 'stream')?.viewers).toBe(1)
    await send(publisher, sampleStream(1))
    expect((await coming).status).toBe(200)
  })

  it('lets in who waits as soon as somebody publishes', async () => {
    const { test, get } = await served(httpFlv())
    const coming = get('/live/stream.flv')
    await expect.poll(() => test.server.streams.get('live', 'stream')?.viewers).toBe(1)
    const publisher = await test.publish('live/stream')
    await send(publisher, sampleStream(1))
    expect(await new FlvReader(await coming).take(5)).toHaveLength(5)
  })

  it('goes on with the next publisher when configured', async () => {
    const { test, get } = await served(httpFlv({ follow: true }))
    const first = await test.publish('live/stream')
    await send(first, sampleStream(1))
    const flv = new FlvReader(await get('/live/stream.flv'))
    expect(await flv.take(5)).toHaveLength(5)
    first.end()
    await once(first, 'close')
    const second = await test.publish('live/stream')
    await send(second, sampleStream(1))
    expect(await flv.take(5)).toHaveLength(5)
  })

  it('finds a stream whose application has an instance', async () => {
    const { test, get } = await served(httpFlv())
    const publisher = await test.publish('live/room/stream')
    await send(publisher, sampleStream(1))
    expect(test.server.streams.get('live/room', 'stream')?.isLive).toBe(true)
    expect((await get('/live/room/stream.flv')).status).toBe(200)
  })

  it('takes so many viewers and no more, and counts those that have left no longer', async () => {
    const { test, get } = await served(httpFlv({ maxViewers: 1 }))
    const publisher = await test.publish('live/stream')
    await send(publisher, sampleStream(1))
    const leaves = new AbortController()
    await get('/live/stream.flv', { signal: leaves.signal })
    const refused = await get('/live/stream.flv')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    leaves.abort()
    await expect.poll(async () => (await get('/live/stream.flv', { method: 'HEAD' })).status).toBe(200)
    expect((await get('/live/stream.flv')).status).toBe(200)
  })

  it('answers 503 while the server is full', async () => {
    const { test, get } = await served(httpFlv(), { limits: { maxConnections: 1 } })
    await test.publish('live/stream')
    const refused = await get('/live/stream.flv')
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('1 connections already')])
  })

  it.each<[object, string]>([
    [{ origin: '*' }, 'origin'],
    [{ origins: 'all' }, 'origins'],
    [{ origins: ['example.com/x'] }, 'origins'],
    [{ publishWait: -1 }, 'publishWait'],
    [{ publishWait: Number.NaN }, 'publishWait'],
    [{ maxViewers: 0 }, 'maxViewers'],
  ])('knows no options like %j', (options, text) => {
    expect(() => httpFlv(options)).toThrow(text)
  })
})

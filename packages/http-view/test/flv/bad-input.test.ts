import { samples, sampleStream, send } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { httpFlv } from '../../src/index.ts'
import { FlvReader } from '../support/flv-of.ts'
import { answerTo, rawSocket } from '../support/raw-answer.ts'
import { served, type Served } from '../support/served.ts'

async function published(options: Parameters<typeof httpFlv>[0] = {}): Promise<Served> {
  const all = await served(httpFlv({ publishWait: 0, ...options }))
  await send(await all.test.publish('live/stream'), sampleStream(1))
  return all
}

const request = (line: string, ...headers: readonly string[]) => `${[line, 'Host: a', ...headers].join('\r\n')}\r\n\r\n`

describe('requests that nobody means', () => {
  it.each([
    ['/.flv', 400],
    ['/live.flv', 400],
    ['/live/.flv', 400],
    ['//stream.flv', 400],
    ['/live//stream.flv', 400],
    ['/live/../live/stream.flv', 400],
    ['/live/..%2f..%2fetc%2fpasswd.flv', 400],
    ['/%2e%2e/stream.flv', 400],
    ['/live/%2e/stream.flv', 400],
    ['/live/a%00.flv', 400],
    ['/live/a%0d%0aSet-Cookie:%20x.flv', 400],
    ['/live/a%5cb.flv', 400],
    ['/live/a%3fb.flv', 400],
    ['/live/%ff.flv', 400],
    ['/live/%zz.flv', 400],
    [`/live/${'n'.repeat(600)}.flv`, 403],
    ['/live/stream.flv/', 404],
    ['/live/stream.flvx', 404],
    ['/live/stream', 404],
    ['/live/other.flv', 404],
    ['/live/stream.FLV', 200],
    ['/live/stream.flv?', 200],
    ['/live/stream.flv?a=%zz&a=1&=&&', 200],
  ])('GET %s: %i', async (path, status) => {
    const { port } = await published()
    const answer = await answerTo(await rawSocket(port), request(`GET ${path} HTTP/1.1`), /\r\n\r\n/)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).not.toMatch(/^set-cookie/im)
  })

  it('does not wait for a name that is too long', async () => {
    const { test, get } = await published()
    await get(`/live/${'n'.repeat(600)}.flv`)
    await expect.poll(() => test.server.connections.size).toBe(1)
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s is no method of it', async method => {
    const { get } = await published()
    expect(
      (await get('/live/stream.flv', { method, body: '{}', headers: { 'content-type': 'application/json' } })).status,
    ).toBe(404)
  })

  it.each([
    'bytes=0-',
    'bytes=100-200',
    'bytes=-1',
    'bytes=99999999999999999999-',
    `bytes=${'0-0,'.repeat(500)}1-1`,
    'lines=1',
  ])('answers as if there were no range: %s', async range => {
    const { get } = await published()
    const response = await get('/live/stream.flv', { headers: { range } })
    expect([response.status, response.headers.get('content-range')]).toEqual([200, null])
    expect(await new FlvReader(response).take(5)).toHaveLength(5)
  })

  it('tells HEAD what GET would be answered, and keeps no viewer', async () => {
    const { test, get } = await published()
    const response = await get('/live/stream.flv', { method: 'HEAD' })
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'video/x-flv',
      '',
    ])
    expect((await get('/live/other.flv', { method: 'HEAD' })).status).toBe(404)
    await expect.poll(() => test.server.connections.size).toBe(1)
  })

  it('sends HTTP/1.0 no chunks, and ends the connection with the stream', async () => {
    const { test, port } = await served(httpFlv())
    const publisher = await test.publish('live/stream')
    await send(publisher, sampleStream(1))
    const socket = await rawSocket(port)
    const coming = answerTo(socket, 'GET /live/stream.flv HTTP/1.0\r\n\r\n')
    await expect.poll(() => test.server.streams.get('live', 'stream')?.viewers).toBe(1)
    publisher.end()
    const answer = await coming
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(answer).not.toMatch(/transfer-encoding/i)
    expect(answer).toMatch(/\r\n\r\nFLV\u0001\u0005/)
  })

  it('serves the next request of a connection after the end of a stream', async () => {
    const { test, port } = await served(httpFlv({ publishWait: 0 }))
    const publisher = await test.publish('live/stream')
    await send(publisher, sampleStream(1))
    const socket = await rawSocket(port)
    const coming = answerTo(socket, request('GET /live/stream.flv HTTP/1.1'), /\r\n0\r\n\r\n$/)
    await expect.poll(() => test.server.streams.get('live', 'stream')?.viewers).toBe(1)
    publisher.end()
    await coming
    expect(await answerTo(socket, request('GET /live/stream.flv HTTP/1.1'), /\n$/)).toMatch(/^HTTP\/1.1 404 /)
  })

  it('refuses a stream that is asked for behind another one on the same connection', async () => {
    const { test, port } = await served(httpFlv())
    const publisher = await test.publish('live/stream')
    await send(publisher, sampleStream(1))
    const socket = await rawSocket(port)
    const two = request('GET /live/stream.flv HTTP/1.1').repeat(2)
    const coming = answerTo(socket, two, /HTTP\/1.1 400 /)
    await expect.poll(() => test.server.streams.get('live', 'stream')?.viewers).toBe(1)
    publisher.end()
    expect(await coming).toMatch(/^HTTP\/1.1 200 [^]*HTTP\/1.1 400 /)
  })

  it('forgets a viewer whose connection is gone while a gate thinks', async () => {
    let answer: () => void = () => {}
    const thinking = new Promise<void>(resolve => (answer = resolve))
    const { test, port } = await served(httpFlv(), { plugins: [{ name: 'slow', onPlay: () => thinking }] })
    const socket = await rawSocket(port)
    socket.write(request('GET /live/stream.flv HTTP/1.1'))
    await expect.poll(() => test.server.connections.size).toBe(1)
    socket.destroy()
    await expect.poll(() => test.server.connections.size).toBe(0)
    answer()
  })
})

describe('a viewer that stops reading', () => {
  it('costs what its queue may, and others lose nothing', async () => {
    const limits = { maxPlayerQueueBytes: 1_000_000 }
    const { test, port, get } = await served(httpFlv(), { limits })
    const publisher = await test.publish('live/stream')
    await send(publisher, sampleStream(1))
    const stopped = await rawSocket(port)
    stopped.pause()
    stopped.write(request('GET /live/stream.flv HTTP/1.1'))
    await expect.poll(() => test.server.players.size).toBe(1)
    const reading = new FlvReader(await get('/live/stream.flv'))
    await reading.take(5)
    const [play] = test.server.players
    // 24 MB: more than the system takes for a connection.
    const pictures = Array.from({ length: 600 }, (_, index) =>
      index % 20 === 0 ? samples.keyframe(40 + index * 40, 40_000) : samples.interframe(40 + index * 40, 40_000),
    )
    let most = 0
    for (const picture of pictures) {
      await send(publisher, [picture])
      const [got] = await reading.take(1)
      expect(got?.timestamp).toBe(picture.timestamp)
      most = Math.max(most, play?.lag.bytes ?? 0)
    }
    expect(play?.dropped).toBeGreaterThan(100)
    // Its queue, one message beyond, and what the connection may hold.
    expect(most).toBeLessThan(1_000_000 + 40_000 + 128 * 1024 + 40_000)
    const flv = new Promise<string>(resolve => stopped.once('data', bytes => resolve(bytes.toString('latin1'))))
    stopped.resume()
    expect(await flv).toMatch(/^HTTP\/1.1 200 /)
    await expect.poll(() => play?.lag.bytes, { timeout: 10_000 }).toBe(0)
  })
})

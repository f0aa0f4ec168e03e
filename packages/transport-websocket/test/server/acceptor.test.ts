import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import fastify from 'fastify'
import { WebSocketServer, WebSocket } from 'ws'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type WebSocketConnection, webSocket, webSocketRoutes } from '../../src/index.ts'
import { closed } from '../support/closed.ts'
import { Served } from '../support/served.ts'

const origin = 'https://evil.example'

describe('an upgrade', () => {
  it('is taken at any path, and told of with its headers', async () => {
    const served = await Served.start()
    const raw = await served.upgrade({ Cookie: 'a=b', Authorization: 'Bearer c' }, '/live/one?x=y')
    expect(raw.status).toBe(101)
    expect(raw.head).toMatch(/\r\nSec-WebSocket-Protocol: rtmp(\r\n|$)/)
    expect(raw.head).not.toMatch(/Extensions/i)
    const { request, transport, secure, remote, paces } = await served.connection()
    expect(request?.url).toBe('/live/one?x=y')
    expect(request?.headers).toMatchObject({ cookie: 'a=b', authorization: 'Bearer c' })
    expect({ transport, secure, address: remote.address }).toEqual({
      transport: 'ws',
      secure: false,
      address: '127.0.0.1',
    })
    expect(remote.port).toBe(raw.socket.localPort)
    expect(paces).toBeUndefined()
  })

  it('of a page of another origin is refused, and told of', async () => {
    const served = await Served.start()
    const raw = await served.upgrade({ Origin: origin })
    expect(raw.status).toBe(403)
    await closed(raw.socket)
    expect(served.errors).toMatchObject([
      { code: 'RTMP_ERR_WEBSOCKET_ORIGIN', message: expect.stringContaining(origin) },
    ])
    expect(served.accepted).toEqual([])
  })

  it('of a page of the same host is taken, and does not pace', async () => {
    const served = await Served.start()
    const raw = await served.upgrade({ Origin: `http://127.0.0.1:${served.port}` })
    expect(raw.status).toBe(101)
    expect((await served.connection()).paces).toBe(false)
  })

  it('of other origins is taken where the list has them', async () => {
    const served = await Served.start({ origins: [origin] })
    expect((await served.upgrade({ Origin: origin })).status).toBe(101)
    expect((await served.upgrade({ Origin: `http://127.0.0.1:${served.port}` })).status).toBe(403)
  })

  it('beyond maxConnections is answered 503 until one has left', async () => {
    const served = await Served.start({ maxConnections: 1 })
    const first = await served.upgrade()
    expect((await served.upgrade()).status).toBe(503)
    expect(served.errors).toMatchObject([{ code: 'RTMP_ERR_WEBSOCKET_CONNECTIONS' }])
    const { stream } = await served.connection()
    first.socket.destroy()
    await closed(stream)
    expect((await served.upgrade()).status).toBe(101)
  })

  it('of a trusted proxy is that of the client it speaks for', async () => {
    const served = await Served.start({ trustProxy: ['loopback'] })
    await served.upgrade({ 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' })
    const { remote, secure, transport } = await served.connection()
    expect({ remote, secure, transport }).toEqual({
      remote: { address: '203.0.113.7', port: 0 },
      secure: true,
      transport: 'wss',
    })
  })

  it('of whoever else claims to be a proxy is its own', async () => {
    const served = await Served.start()
    await served.upgrade({ 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' })
    expect(await served.connection()).toMatchObject({ remote: { address: '127.0.0.1' }, secure: false })
  })

  it.each([
    [{ 'Sec-WebSocket-Key': 'short' }, 400],
    [{ 'Sec-WebSocket-Version': '7' }, 400],
  ])('with %j is answered %i', async (headers, status) => {
    const served = await Served.start()
    expect((await served.upgrade(headers as Record<string, string>)).status).toBe(status)
    expect(served.accepted).toEqual([])
  })

  it.each([
    [{ 'Sec-WebSocket-Protocol': 'chat' }, '/rtmp'],
    [{ 'Sec-WebSocket-Protocol': 'rtmp' }, '/other'],
    [{ Upgrade: 'h2c' }, '/rtmp'],
  ])('with %j at %s is a usual request where nobody else takes it', async (headers, path) => {
    const served = await Served.start({ path: '/rtmp' })
    const raw = await served.upgrade(headers as Record<string, string>, path)
    expect(raw.status).toBe(200)
    await closed(raw.socket)
    expect(raw.bytes.toString()).toContain('page')
  })

  it('with a body that nobody reads is refused', async () => {
    const served = await Served.start()
    const raw = await served.upgrade({ Upgrade: 'h2c', 'Content-Length': '5' })
    expect(raw.status).toBe(400)
    await closed(raw.socket)
  })

  it('that is for others is left to them', async () => {
    const server = createServer()
    const others = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, socket, head) => {
      if (request.headers['sec-websocket-protocol'] === 'chat')
        others.handleUpgrade(request, socket, head, one => one.send('chat'))
    })
    const served = await Served.start({}, server)
    const chat = new WebSocket(`ws://127.0.0.1:${served.port}/`, 'chat')
    const [message] = await once(chat, 'message')
    expect(String(message)).toBe('chat')
    chat.terminate()
    expect((await served.upgrade()).status).toBe(101)
  })

  it.each([{ path: 'rtmp' }, { path: '/a?b' }, { maxConnections: 0 }, { pingInterval: Number.NaN }])(
    'has no options %j',
    async options => {
      await expect(Served.start(options)).rejects.toMatchObject({ code: 'RTMP_ERR_WEBSOCKET_OPTION' })
    },
  )
})

describe('webSocketRoutes', () => {
  it('lives in a fastify server beside its routes, and ends with it', async () => {
    const accepted: WebSocketConnection[] = []
    const app = fastify()
    app.get('/hello', () => 'world')
    app.register(webSocketRoutes, { accept: connection => void accepted.push(connection) })
    onTestFinished(() => app.close())
    const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
    expect(await (await fetch(new URL('/hello', url))).text()).toBe('world')
    const { stream } = await webSocket().dial(new URL(`ws://${url.host}/live`))
    stream.on('error', () => {}).resume()
    const [connection] = accepted as [WebSocketConnection]
    connection.stream.write('hello')
    const [bytes] = (await once(stream, 'data')) as [Buffer]
    expect(bytes.toString()).toBe('hello')
    await Promise.all([app.close(), closed(stream)])
  })
})

describe('a port of its own', () => {
  it('says what it is for', async () => {
    const listener = await webSocket({ port: 0 }).listen(() => {})
    onTestFinished(() => listener.close())
    const answer = await fetch(`http://127.0.0.1:${listener.address.port}/`)
    expect(answer.status).toBe(426)
    expect(answer.headers.get('upgrade')).toBe('websocket')
    expect(await answer.text()).toMatch(/subprotocol rtmp/)
  })

  it('ends who takes too long for a head', async () => {
    const listener = await webSocket({ port: 0, headersTimeout: 100 }).listen(() => {})
    onTestFinished(() => listener.close())
    const { connect } = await import('node:net')
    const socket = connect(listener.address.port, '127.0.0.1').on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nUpgrade: websocket\r\n')
    expect(await text(socket)).toMatch(/^(HTTP\/1.1 408|$)/)
  })

  it('ends who sends too long a head', async () => {
    const listener = await webSocket({ port: 0 }).listen(() => {})
    onTestFinished(() => listener.close())
    const { connect } = await import('node:net')
    const socket = connect(listener.address.port, '127.0.0.1').on('error', () => {})
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'a'.repeat(9_000)}\r\n\r\n`)
    expect(await text(socket)).toMatch(/^HTTP\/1.1 431 /)
  })
})

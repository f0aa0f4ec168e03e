import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net'
import { samples, take } from '@rtmpipe/testing'
import { WebSocket } from 'ws'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ServerProcess } from '../../../test/support/server-process.ts'
import { attach, connect, type ConnectionInfo, createServer, deny, type Plugin, tcp, webSocket } from '../src/index.ts'
import { AllSchemes } from './support/all-schemes.ts'

async function listening(plugins: readonly Plugin[], options: Parameters<typeof webSocket>[0] = {}) {
  const server = createServer({ transports: [tcp({ port: 0 }), webSocket({ port: 0, ...options })], plugins })
  onTestFinished(() => server.close())
  const listeners = await server.listen()
  const [rtmp, ws] = listeners.map(({ scheme, address }) => `${scheme}://127.0.0.1:${address.port}`)
  return { server, rtmp: String(rtmp), ws: String(ws) }
}

describe('webSocket()', () => {
  it('has no other options', () => {
    expect(() => webSocket({ orgins: [] } as object)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
  })

  it.each(['ws', 'rtmp+ws'])('is dialled by %s://, and what is published over it is played over RTMP', async scheme => {
    const { rtmp, ws } = await listening([])
    await using publishing = await connect(`${ws.replace('ws', scheme)}/live`)
    await using playing = await connect(`${rtmp}/live`)
    expect(publishing.transport).toBe(scheme)
    const player = await playing.play('name')
    const publisher = await publishing.publish('name')
    publisher.write(samples.keyframe(0))
    const [message] = await take(player, 1)
    expect(message?.payload.equals(samples.keyframe(0).payload)).toBe(true)
  })

  it('gives gates the URL and the headers of the request, and no key to HTTP', async () => {
    const seen: ConnectionInfo[] = []
    const { ws } = await listening([{ name: 'see', onConnect: ({ connection }) => void seen.push(connection) }])
    const transports = [webSocket({ headers: { Authorization: 'Bearer abc' } })]
    await using _ = await connect(`${ws.replace('//', '//user:secret@')}/live/one?key=secret`, { transports })
    const [connection] = seen as [ConnectionInfo]
    expect(connection.request?.url).toBe('/live/one')
    expect(connection.request?.headers['authorization']).toBe('Bearer abc')
    expect(connection.app).toBe('live/one')
  })

  it('tells why somebody is refused', async () => {
    const plugin: Plugin = { name: 'no', onConnect: () => deny('NetConnection.Connect.Rejected', 'not today') }
    const { ws } = await listening([plugin])
    await expect(connect(`${ws}/live`)).rejects.toMatchObject({ description: 'not today' })
  })

  it('says what answers instead', async () => {
    const server = createHttpServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await expect(connect(`ws://127.0.0.1:${port}/live`)).rejects.toMatchObject({
      code: 'RTMP_ERR_WEBSOCKET_STATUS',
      status: 404,
    })
  })

  it('says that nothing answers', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const transports = [webSocket({ connectTimeout: 50 })]
    await expect(connect(`ws://127.0.0.1:${port}/live`, { transports })).rejects.toMatchObject({
      code: 'RTMP_ERR_WEBSOCKET_TIMEOUT',
    })
  })

  it('is tried where a fallback list names it', async () => {
    const { ws } = await listening([])
    await using client = await connect('rtmp://127.0.0.1:1/live', { fallback: [ws] })
    expect(client.transport).toBe('ws')
  })

  it('is attached to an HTTP server of the user, whose connections the RTMP server takes', async () => {
    const { server, rtmp } = await listening([])
    const pages = createHttpServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
    await once(pages, 'listening')
    const attachment = attach(pages, connection => server.accept(connection), { path: '/rtmp/live' })
    onTestFinished(async () => {
      attachment.destroy()
      pages.close()
    })
    const { port } = pages.address() as AddressInfo
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello')
    await using publishing = await connect(`ws://127.0.0.1:${port}/rtmp/live`)
    await using playing = await connect(`${rtmp}/rtmp/live`)
    const player = await playing.play('name')
    const publisher = await publishing.publish('name')
    publisher.write(samples.keyframe(0))
    await take(player, 1)
  })
})

describe('a proxy in between', () => {
  it.each(['ws', 'wss'] as const)('is asked to connect, for %s', async scheme => {
    await using all = await AllSchemes.listen()
    const asked: string[] = []
    const proxy = createHttpServer().on('connect', ({ url = '', headers }, socket) => {
      asked.push(`${url} ${headers['proxy-authorization']}`)
      const there = connectTcp(Number(url.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.pipe(there).pipe(socket)
      })
      socket.on('error', () => there.destroy())
      there.on('error', () => socket.destroy())
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void proxy.close())
    const { port } = proxy.address() as AddressInfo
    const options = { proxy: `http://anna:secret@127.0.0.1:${port}`, ca: all.ca }
    await using client = await connect(all.urls[scheme], options)
    expect(client.transport).toBe(scheme)
    expect(asked).toEqual([`127.0.0.1:${new URL(all.urls[scheme]).port} Basic ${btoa('anna:secret')}`])
  })
})

describe('rtmpipe serve', () => {
  it.concurrent.each([[[]], [['--workers', '2']]])('takes WebSockets at its HTTP ports with %j', async args => {
    await using server = await ServerProcess.start({ args })
    await expectPlays(server)
    expect(await statusFor(server.urls.ws, 'https://evil.example')).toBe(403)
    expect(await statusFor(server.urls.ws, server.urls.ws.replace('ws', 'http'))).toBe(101)
  })

  it.concurrent.each([[[]], [['--workers', '2']]])('takes them at one port with %j', async args => {
    await using server = await ServerProcess.start({ onePort: true, args: [...args, '--origin', 'https://a.example'] })
    await expectPlays(server)
    expect(await statusFor(server.urls.ws, 'https://a.example')).toBe(101)
    expect(await statusFor(server.urls.ws, 'https://b.example')).toBe(403)
  })
})

/** Published over the one, played over the other. */
async function expectPlays({ urls }: ServerProcess): Promise<void> {
  await using publishing = await connect(`${urls.wss}/live`, { insecure: true })
  await using playing = await connect(`${urls.ws}/live`)
  const player = await playing.play('name')
  const publisher = await publishing.publish('name')
  publisher.write(samples.keyframe(0))
  await take(player, 1)
}

async function statusFor(url: string, origin: string): Promise<number | undefined> {
  const socket = new WebSocket(`${url}/live`, 'rtmp', { origin })
  socket.on('error', () => {})
  return new Promise(resolve => {
    socket.once('unexpected-response', (_request, { statusCode }) => resolve(statusCode))
    socket.once('open', () => {
      socket.terminate()
      resolve(101)
    })
  })
}

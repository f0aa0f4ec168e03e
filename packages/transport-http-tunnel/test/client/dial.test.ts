import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { httpTunnel } from '../../src/index.ts'
import { closing } from '../support/bench.ts'
import { ForeignServer, reply } from '../support/foreign-server.ts'

describe('dial', () => {
  it('opens as Flash Player does', async () => {
    const server = await ForeignServer.start(request => reply(request, [1]))
    const { stream, transport, secure, remote } = await httpTunnel().dial(server.url)
    expect({ transport, secure, remote }).toEqual({
      transport: 'rtmpt',
      secure: false,
      remote: { address: '127.0.0.1', port: server.port },
    })
    const opening = server.requests[0]
    expect(opening?.path).toBe('/open/1')
    expect(opening?.body).toEqual(Buffer.from([0]))
    const { rawHeaders } = opening?.raw ?? { rawHeaders: [] }
    expect(rawHeaders.join('\n')).toContain(
      'Content-Type\napplication/x-fcs\nUser-Agent\nShockwave Flash\nContent-Length\n1',
    )
    expect(opening?.raw.headers).toMatchObject({ connection: 'Keep-Alive', 'cache-control': 'no-cache' })
    stream.destroy()
    await closing(stream)
    await vi.waitFor(() => expect(server.paths('close').length).toBe(1))
  })

  it.each(['sid\n', 'sid', 'sid\r\n', 'SID-0.9_~'])('takes %j for an id', async body => {
    const server = await ForeignServer.start(
      request => reply(request, [1]),
      request => reply(request, body),
    )
    const { stream } = await httpTunnel().dial(server.url)
    await vi.waitFor(() => expect(server.paths('idle')[0]).toBe(`/idle/${body.trim()}/0`))
    stream.destroy()
    await closing(stream)
  })

  it.each(['', '\n', 'a/b', '../../x', 'a b', 'a?b', 'a%2fb', 'x'.repeat(129), 'é'])(
    'does not take %j for an id',
    async body => {
      const server = await ForeignServer.start(
        request => reply(request, [1]),
        request => reply(request, body),
      )
      await expect(httpTunnel().dial(server.url)).rejects.toMatchObject({ code: 'RTMP_ERR_TUNNEL_REPLY' })
      expect(server.requests.length).toBe(1)
    },
  )

  it.each([301, 302, 404, 500, 503])('fails on status %i, and follows nothing', async status => {
    const server = await ForeignServer.start(
      request => reply(request, [1]),
      request => {
        request.response.setHeader('Location', '/elsewhere')
        reply(request, 'sid\n', status)
      },
    )
    await expect(httpTunnel().dial(server.url)).rejects.toMatchObject({ code: 'RTMP_ERR_TUNNEL_STATUS', status })
    expect(server.requests.length).toBe(1)
  })

  it('fails when the server does not answer in time', async () => {
    const server = await ForeignServer.start(
      () => {},
      () => {},
    )
    await expect(httpTunnel({ connectTimeout: 20 }).dial(server.url)).rejects.toMatchObject({
      code: 'RTMP_ERR_TUNNEL_TIMEOUT',
    })
  })

  it('fails when the server, or a proxy, is none of HTTP, and says which', async () => {
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.end('\x03RTMP')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const url = new URL(`rtmpt://127.0.0.1:${port}`)
    await expect(httpTunnel().dial(url)).rejects.toMatchObject({
      code: 'HPE_INVALID_CONSTANT',
      message: expect.stringMatching(/^server does not speak HTTP: Parse Error/),
    })
    const proxy = `http://me:secret@127.0.0.1:${port}`
    await expect(httpTunnel({ proxy }).dial(url)).rejects.toThrow(
      `server or proxy http://127.0.0.1:${port} does not speak HTTP: Parse Error`,
    )
  })

  it('closes a session that opens after it was given up', async () => {
    let open: (() => void) | undefined
    const server = await ForeignServer.start(
      request => reply(request, [0]),
      request => (open = () => reply(request, 'late\n')),
    )
    const abort = new AbortController()
    const dialling = httpTunnel().dial(server.url, { signal: abort.signal })
    await vi.waitFor(() => expect(open).toBeDefined())
    abort.abort(new Error('changed my mind'))
    await expect(dialling).rejects.toThrow('changed my mind')
    open?.()
    await vi.waitFor(() => expect(server.paths('close')).toEqual(['/close/late/0']))
  })

  it.each(['rtmp://host/live', 'http://host/', 'rtmpe://host/'])('refuses %s', async url => {
    await expect(httpTunnel().dial(new URL(url))).rejects.toMatchObject({ code: 'RTMP_ERR_TRANSPORT_URL' })
  })

  it('refuses a URL without a host, and impossible options', async () => {
    await expect(httpTunnel().dial(new URL('rtmpt:///live'))).rejects.toMatchObject({ code: 'RTMP_ERR_TRANSPORT_URL' })
    await expect(httpTunnel({ connectTimeout: Number.NaN }).dial(new URL('rtmpt://127.0.0.1'))).rejects.toMatchObject({
      code: 'RTMP_ERR_TUNNEL_OPTION',
    })
  })
})

import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { httpTunnel, TunnelError } from '../../src/index.ts'
import { closing, listening, opened, read } from '../support/bench.ts'

describe('closing a listener', () => {
  it('frees the port at once when there are no sessions, whatever connections are open', async () => {
    const { listener, raw, port } = await listening()
    const idle = await raw()
    await idle.post('/fcs/ident2')
    await listener.close()
    await idle.ended()
    const socket = connect(port, '127.0.0.1')
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('is not held up by a request that never comes to an end', async () => {
    const { listener, raw } = await listening()
    const half = await raw()
    half.write('POST /open/1 HTTP/1.1\r\nHost: x\r\n')
    const waiting = await raw()
    await waiting.post('/fcs/ident2')
    await listener.close()
    await half.ended()
  })

  it('serves open sessions on, also on new connections, and opens no more', async () => {
    const bench = await listening()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'a')
    let closed = false
    const closingListener = bench.listener.close().then(() => (closed = true))
    const other = await bench.raw()
    expect((await other.post(`/send/${id}/1`, 'b')).status).toBe(200)
    expect(await read(stream, 2)).toBe('ab')
    expect((await other.post('/open/1')).status).toBe(503)
    await expect(httpTunnel().dial(new URL(`rtmpt://127.0.0.1:${bench.port}`))).rejects.toMatchObject({
      name: 'TunnelError',
      code: 'RTMP_ERR_TUNNEL_STATUS',
      status: 503,
    })
    expect(closed).toBe(false)
    expect(bench.listener.sessions).toBe(1)
    stream.destroy()
    await closingListener
    expect(bench.listener.sessions).toBe(0)
    expect(stream.closed).toBe(true)
  })

  it('lets the last answer out', async () => {
    const bench = await listening()
    const { client, id, stream } = await opened(bench)
    stream.resume().on('end', () => stream.end())
    await client.post(`/send/${id}/0`, 'x')
    const closed = bench.listener.close()
    expect([...(await client.post(`/close/${id}/1`)).body]).toEqual([0])
    await closed
    expect(await closing(stream)).toBeUndefined()
  })
})

describe('listening', () => {
  it('fails with the error of the system', async () => {
    const { port } = await listening()
    await expect(httpTunnel({ port }).listen(() => {})).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it.each([
    { maxConnections: Number.NaN },
    { maxConnectionsPerAddress: 0 },
    { headersTimeout: -1 },
    { gapTimeout: -1 },
  ])('refuses %j', async options => {
    await expect(httpTunnel({ port: 0, ...options }).listen(() => {})).rejects.toBeInstanceOf(TunnelError)
  })

  it('tells IPv4 clients by their address on a socket for both families', async () => {
    const listener = await httpTunnel({ host: '::', port: 0 }).listen(connection => {
      expect(connection.remote.address).toBe('127.0.0.1')
      connection.stream.pipe(connection.stream)
    })
    onTestFinished(() => listener.close())
    const { stream } = await httpTunnel().dial(new URL(`rtmpt://127.0.0.1:${listener.address.port}`))
    stream.write('echo')
    expect(await read(stream, 4)).toBe('echo')
    stream.resume().end()
    await closing(stream)
  })
})

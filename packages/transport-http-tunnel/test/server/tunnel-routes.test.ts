import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tunnelRoutes, type TunnelRoutesOptions } from '../../src/index.ts'
import { Accepted, closing, read } from '../support/bench.ts'
import { RawClient } from '../support/raw-client.ts'

/** Someone's server, with routes and hooks of its own. */
async function theirs(options: Partial<TunnelRoutesOptions> = {}, trustProxy = false) {
  const accepted = new Accepted()
  const seen: string[] = []
  const app = fastify({ trustProxy })
  app.addHook('onRequest', async request => void seen.push(request.url))
  app.post('/echo', async request => ({ got: request.body }))
  app.get('/open/door', async () => 'opened')
  await app.register(tunnelRoutes, { accept: accepted.accept, ...options })
  app.post('/later', async request => ({ got: request.body }))
  onTestFinished(() => app.close())
  return { app, accepted, seen }
}

const post = (
  app: FastifyInstance,
  url: string,
  payload: string | Buffer = '\0',
  headers: Record<string, string> = {},
) => app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/x-fcs', ...headers } })

async function begin(app: FastifyInstance, headers: Record<string, string>): Promise<void> {
  const id = (await post(app, '/open/1', '\0', headers)).body.trimEnd()
  await post(app, `/send/${id}/0`, 'x', headers)
}

describe('tunnelRoutes in a fastify server', () => {
  it('tunnels', async () => {
    const { app, accepted } = await theirs()
    const opening = await post(app, '/open/1')
    expect(opening.headers).toMatchObject({ 'content-type': 'application/x-fcs', 'content-length': '52' })
    const id = opening.body.trimEnd()
    expect(accepted.all).toEqual([])
    expect((await post(app, `/send/${id}/0`, '')).rawPayload.toString('latin1')).toBe('\x01')
    const connection = await accepted.next()
    expect(connection).toMatchObject({
      transport: 'rtmpt',
      secure: false,
      gathers: true,
      remote: { address: '127.0.0.1' },
    })
    connection.stream.pipe(connection.stream)
    expect((await post(app, `/send/${id}/1`, 'echo')).rawPayload.toString('latin1')).toBe('\x01echo')
    connection.stream.write('more')
    expect((await post(app, `/idle/${id}/2`)).rawPayload.toString('latin1')).toBe('\x01more')
    expect([...(await post(app, `/close/${id}/3`)).rawPayload]).toEqual([0])
    expect(await closing(connection.stream)).toBeUndefined()
  })

  it('leaves the other routes and their parsers alone', async () => {
    const { app } = await theirs()
    for (const url of ['/echo', '/later']) {
      const json = await app.inject({ method: 'POST', url, payload: { a: 1 } })
      expect(json.json()).toEqual({ got: { a: 1 } })
      expect((await post(app, url, 'x')).statusCode).toBe(415)
    }
    expect((await app.inject('/open/door')).body).toBe('opened')
    expect((await app.inject('/idle/x/0')).statusCode).toBe(404)
  })

  it('runs their onRequest hooks, which may refuse', async () => {
    const { app, seen, accepted } = await theirs()
    await post(app, '/open/1')
    expect(seen).toEqual(['/open/1'])
    const strict = fastify()
    strict.addHook('onRequest', async (_, reply) => reply.code(403).send('no'))
    await strict.register(tunnelRoutes, { accept: accepted.accept })
    onTestFinished(() => strict.close())
    expect((await post(strict, '/open/1')).statusCode).toBe(403)
    expect((await post(strict, '/send/x/0')).statusCode).toBe(403)
  })

  it('knows the client by what a trusted proxy says', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }
    const behind = await theirs({}, true)
    await begin(behind.app, forwarded)
    expect(await behind.accepted.next()).toMatchObject({
      transport: 'rtmpts',
      secure: true,
      remote: { address: '203.0.113.9', port: 0 },
    })
    const open = await theirs()
    await begin(open.app, forwarded)
    expect(await open.accepted.next()).toMatchObject({ secure: false, remote: { address: '127.0.0.1' } })
  })

  it('lets nobody begin a session but the address that opened it', async () => {
    const { app, accepted } = await theirs({}, true)
    const [opener, other] = ['203.0.113.9', '203.0.113.10'].map(address => ({ 'x-forwarded-for': address }))
    const id = (await post(app, '/open/1', '\0', opener)).body.trimEnd()
    expect((await post(app, `/send/${id}/0`, 'x', other)).statusCode).toBe(404)
    expect(accepted.all).toEqual([])
    expect((await post(app, `/send/${id}/0`, 'x', opener)).statusCode).toBe(200)
    expect((await accepted.next()).remote.address).toBe('203.0.113.9')
  })

  it('keeps the sessions of two registrations apart', async () => {
    const { app } = await theirs()
    const other = await theirs()
    const id = (await post(app, '/open/1')).body.trimEnd()
    expect((await post(other.app, `/send/${id}/0`, 'x')).statusCode).toBe(404)
    expect((await post(app, `/send/${id}/0`, 'x')).statusCode).toBe(200)
  })

  it('may be put under a prefix', async () => {
    const app = fastify()
    await app.register(tunnelRoutes, { prefix: '/tunnel', accept: () => {} })
    onTestFinished(() => app.close())
    expect((await post(app, '/tunnel/open/1')).statusCode).toBe(200)
    expect((await post(app, '/open/1')).statusCode).toBe(404)
  })

  it('ends all sessions when the server closes, and tells those who wait', async () => {
    const { app, accepted } = await theirs()
    await app.listen({ port: 0 })
    const client = await RawClient.connect((app.server.address() as AddressInfo).port)
    const id = await client.open()
    await client.post(`/send/${id}/0`, 'x')
    const { stream } = await accepted.next()
    expect(await read(stream, 1)).toBe('x')
    const arrived = once(app.server, 'request')
    const idle = client.post(`/idle/${id}/1`)
    await arrived
    const closed = app.close()
    expect([...(await idle).body]).toEqual([0])
    client.destroy()
    await closed
    expect(await closing(stream)).toBeUndefined()
  })

  it('refuses impossible limits when it is registered', async () => {
    const app = fastify()
    onTestFinished(() => app.close())
    await expect(app.register(tunnelRoutes, { accept: () => {}, maxSessions: Number.NaN })).rejects.toMatchObject({
      code: 'RTMP_ERR_TUNNEL_OPTION',
    })
  })

  it('reports an accept that throws, and drops the session', async () => {
    const errors: Error[] = []
    const app = fastify()
    await app.register(tunnelRoutes, {
      accept: () => {
        throw new Error('their bug')
      },
      onError: error => errors.push(error),
    })
    onTestFinished(() => app.close())
    const id = (await post(app, '/open/1')).body.trimEnd()
    expect([...(await post(app, `/idle/${id}/0`)).rawPayload]).toEqual([0])
    expect(errors).toMatchObject([{ message: 'their bug' }])
  })
})

import { once } from 'node:events'
import { createServer, type AddressInfo, connect } from 'node:net'
import { TestServer } from '@rtmpipe/testing'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { house, http, health, guarded } from '../../src/index.ts'
import { doors, served, token } from '../support/served.ts'

describe('http()', () => {
  it('serves what is guarded, and nothing else', async () => {
    const { get } = await served()
    expect(await (await get('/open')).json()).toEqual({ open: true })
    for (const path of [
      '/',
      '/health',
      '/admin',
      '/admin/login',
      '/api/v1',
      '/metrics',
      '/open/1',
      '/look/',
      '/openapi.json',
    ])
      expect((await get(path)).status, path).toBe(404)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND', 'QUERY'])
      expect((await get('/open', { method })).status, method).toBe(404)
  })

  it.each([['/open'], ['/look'], ['/nothing'], ['/%zz'], ['/%']])(
    'gives the answer to %s security headers',
    async path => {
      const { get } = await served()
      const { headers } = await get(path)
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('server')).toBeNull()
    },
  )

  it('answers errors of a handler without what they say', async () => {
    const { get } = await served()
    const answer = await get('/fail', { method: 'POST' })
    expect(answer.status).toBe(500)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await answer.text()).not.toContain('secret')
  })

  it('fails listen() with the error of the system, and leaves nothing open', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const free = http({ port: 0, mount: [health()] })
    const test = new TestServer({ plugins: [free, http({ port, mount: [health()] })] })
    const error: unknown = await test.server.listen().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'RTMP_ERR_PLUGIN', plugin: 'http', cause: { code: 'EADDRINUSE', port } })
    expect(free.address).toBeUndefined()
  })

  it('belongs to one server', async () => {
    const web = http({ port: 0, mount: [health()] })
    const [one, other] = [new TestServer({ plugins: [web] }), new TestServer({ plugins: [web] })]
    onTestFinished(() => Promise.all([one, other].map(test => test[Symbol.asyncDispose]())).then(() => {}))
    await one.server.listen()
    await expect(other.server.listen()).rejects.toMatchObject({ cause: { code: 'RTMP_ERR_USAGE' } })
    expect((await fetch(`http://127.0.0.1:${web.address?.port}/health`)).status).toBe(200)
  })

  it.each([
    ['health', [health]],
    ['nothing', [undefined]],
    ['no list', health()],
  ])('mounts no %s', (_what, mount) => {
    expect(() => http({ mount } as object)).toThrow(/\[health\(\)/)
  })

  it('ends with the server, whatever connections are open', async () => {
    const { test, port } = await served({
      mount: [
        async app => {
          app.get('/endless', (_request, reply) => {
            reply.hijack()
            reply.raw.writeHead(200).write('for ever')
          })
        },
      ],
    })
    const idle = connect(port, '127.0.0.1')
    await once(idle, 'connect')
    const endless = await fetch(`http://127.0.0.1:${port}/endless`)
    const ended = Promise.allSettled([once(idle.resume(), 'close'), endless.text()])
    await test.server.close()
    await ended
    await expect(fetch(`http://127.0.0.1:${port}/endless`)).rejects.toThrow()
  })

  it('refuses options that do not exist, and mounts nothing twice', async () => {
    expect(() => http({ prot: 80 } as object)).toThrow('did you mean port')
    const web = http({ port: 0 })
    web.tunnel()
    expect(() => web.tunnel()).toThrow('already')
  })

  it('tells whose port a tunnel without one is missing', async () => {
    await expect(
      http({ port: 0 })
        .tunnel()
        .listen(() => {}),
    ).rejects.toThrow('as a plugin')
  })

  it('closes the connection of a body that does not come', async () => {
    // The deadline of ten seconds is that of the hook; this is the hook.
    const { bodyDeadline } = await import('../../src/house/body-deadline.ts')
    const app = fastify()
    onTestFinished(() => app.close())
    app.addHook('onRequest', bodyDeadline(30))
    app.post('/', async () => ({}))
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{')
    await once(socket.resume(), 'close')
  })
})

describe('house()', () => {
  it('lets mounts be plugins of a fastify server of the user', async () => {
    const own = house({ token })
    await using test = new TestServer({ plugins: [own] })
    expect(() => own.reports).toThrow('listen()')
    await test.server.listen()
    const app = fastify()
    onTestFinished(() => app.close())
    app.get('/mine', async () => 'mine')
    await app.register(guarded(doors), own)
    await app.register(health(), own)
    const look = await app.inject({ url: '/look', headers: { authorization: `Bearer ${token}` } })
    expect(look.json()).toEqual({ looked: true })
    expect(look.headers['x-frame-options']).toBe('DENY')
    expect((await app.inject('/look')).statusCode).toBe(401)
    expect((await app.inject('/health')).statusCode).toBe(200)
    const mine = await app.inject('/mine')
    expect(mine.body).toBe('mine')
    expect(mine.headers['x-frame-options']).toBeUndefined()
  })

  it('may be shared by several ports', async () => {
    const own = house({ token })
    const [one, two] = [http({ port: 0, mount: [doors], house: own }), http({ port: 0, mount: [doors], house: own })]
    await using test = new TestServer({ plugins: [own, one, two] })
    await test.server.listen()
    for (const { address } of [one, two]) {
      const answer = await fetch(`http://127.0.0.1:${address?.port}/look`, {
        headers: { authorization: `Bearer ${token}` },
      })
      expect(answer.status).toBe(200)
    }
    await test.publish('live/show')
    expect(await own.reports.streams()).toMatchObject([{ id: 'live/show' }])
  })
})

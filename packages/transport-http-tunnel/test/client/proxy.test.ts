import { once } from 'node:events'
import { transportCompliance } from '@rtmpipe/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeProxy } from '../../../net/test/support/fake-proxy.ts'
import { httpTunnel } from '../../src/index.ts'
import { cert, key, listening } from '../support/bench.ts'

const login = { user: 'anna', password: 'se:cret' }

/** Who dials knows the proxy, and not who is behind it. */
const cases = transportCompliance.filter(({ name }) => name !== 'tells of each end who the other is')

describe.each([
  ['rtmpt', 'http', 'POST http://'],
  ['rtmpts', 'http', 'CONNECT '],
  ['rtmpt', 'socks5h', 'SOCKS '],
  ['rtmpts', 'socks5h', 'SOCKS '],
] as const)('%s through a proxy: %s', (scheme, kind, asked) => {
  const tls = scheme === 'rtmpts' ? { tls: { cert, key } } : {}
  let proxy: FakeProxy
  let url: string
  beforeAll(async () => {
    proxy = await (kind === 'http' ? FakeProxy.http({ login }) : FakeProxy.socks({ login }))
    url = `${kind}://anna:se%3Acret@127.0.0.1:${proxy.port}`
  })
  afterAll(() => proxy[Symbol.asyncDispose]())

  it.each(cases)('$name', async one => {
    await one.run(() => ({
      transport: httpTunnel({ port: 0, ...tls, insecure: true, proxy: url }),
      dialUrl: ({ address }) => new URL(`${scheme}://${address.address}:${address.port}/live`),
    }))
  })

  it('all requests go by it', async () => {
    const { port, accepted } = await listening(tls)
    proxy.asked.length = 0
    const { stream } = await httpTunnel({ ca: cert, proxy: url }).dial(new URL(`${scheme}://localhost:${port}`))
    const { stream: server } = await accepted.next()
    server.pipe(server)
    stream.end('hello')
    const [bytes] = (await once(stream, 'data')) as [Buffer]
    expect(String(bytes)).toBe('hello')
    stream.resume()
    await once(stream, 'close')
    expect(proxy.asked.length).toBeGreaterThan(0)
    for (const each of proxy.asked) expect(each).toMatch(new RegExp(`^${asked}localhost:${port}`))
    if (asked.startsWith('POST')) expect(proxy.asked.length).toBeGreaterThan(2)
  })

  it('tells what is wrong with the login', async () => {
    const { port } = await listening(tls)
    for (const [given, message] of [
      ['', 'wants a login'],
      ['anna:wrong-one@', 'does not take this name and password'],
    ]) {
      const transport = httpTunnel({ insecure: true, proxy: `${kind}://${given}127.0.0.1:${proxy.port}` })
      const dialling = transport.dial(new URL(`${scheme}://127.0.0.1:${port}`))
      await expect(dialling).rejects.toMatchObject({
        code: 'RTMP_ERR_PROXY_LOGIN',
        message: expect.stringMatching(
          `^proxy ${kind === 'http' ? kind : 'socks5'}://127.0.0.1:${proxy.port} ${message}`,
        ),
      })
    }
  })
})

it('over a proxy, the certificate must be for the server', async () => {
  const { port } = await listening({ tls: { cert, key } })
  await using proxy = await FakeProxy.http()
  const transport = httpTunnel({ proxy: `http://127.0.0.1:${proxy.port}` })
  await expect(transport.dial(new URL(`rtmpts://localhost:${port}`))).rejects.toMatchObject({
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  })
})

it('a proxy that closes each connection without a word gets a connection for each request', async () => {
  const { port, accepted } = await listening()
  await using proxy = await FakeProxy.http({ closes: true })
  const { stream } = await httpTunnel({ proxy: `http://127.0.0.1:${proxy.port}` }).dial(
    new URL(`rtmpt://127.0.0.1:${port}`),
  )
  const { stream: server } = await accepted.next()
  server.pipe(server)
  for (let round = 0; round < 20; round++) {
    stream.write(`round ${round}`)
    const [bytes] = (await once(stream, 'data')) as [Buffer]
    expect(String(bytes)).toBe(`round ${round}`)
  }
  stream.destroy()
  await once(stream, 'close')
})

it('a proxy that needs TLS is verified by its own name', async () => {
  await using proxy = await FakeProxy.http({ tls: { cert: String(cert), key: String(key) } })
  for (const scheme of ['rtmpt', 'rtmpts']) {
    const transport = httpTunnel({ insecure: true, proxy: `https://127.0.0.1:${proxy.port}` })
    await expect(transport.dial(new URL(`${scheme}://127.0.0.1:1`))).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
  }
  expect(proxy.asked).toEqual([])
})

it('nobody goes direct by mistake', async () => {
  await using server = await FakeProxy.http()
  const dialling = httpTunnel({ proxy: '' }).dial(new URL(`rtmpt://127.0.0.1:${server.port}`))
  await expect(dialling).rejects.toMatchObject({ code: 'RTMP_ERR_PROXY_URL' })
  expect(server.asked).toEqual([])
})

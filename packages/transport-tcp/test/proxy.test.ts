import { once } from 'node:events'
import { transportCompliance } from '@rtmpipe/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeProxy } from '../../net/test/support/fake-proxy.ts'
import { tcp } from '../src/index.ts'

/** Who dials knows the proxy, and not who is behind it. */
const cases = transportCompliance.filter(({ name }) => name !== 'tells of each end who the other is')

describe.each([
  ['http', () => FakeProxy.http()],
  ['socks5', () => FakeProxy.socks()],
] as const)('through a proxy: %s', (scheme, start) => {
  let proxy: FakeProxy
  beforeAll(async () => {
    proxy = await start()
  })
  afterAll(() => proxy[Symbol.asyncDispose]())

  it.each(cases)('$name', async one => {
    await one.run(() => ({
      transport: tcp({ port: 0, proxy: `${scheme}://127.0.0.1:${proxy.port}` }),
      dialUrl: ({ address }) => new URL(`rtmp://${address.address}:${address.port}/live`),
    }))
  })

  it('the socket is set as others are, and its peer is the proxy', async () => {
    const listener = await tcp({ port: 0 }).listen(({ stream }) =>
      stream.on('data', () => {}).once('end', () => stream.end()),
    )
    const transport = tcp({ proxy: `${scheme}://127.0.0.1:${proxy.port}` })
    const { stream, remote } = await transport.dial(new URL(`rtmp://127.0.0.1:${listener.address.port}/live`))
    expect(stream.allowHalfOpen).toBe(true)
    expect(remote).toEqual({ address: '127.0.0.1', port: proxy.port })
    expect(proxy.asked.at(-1)).toContain(`127.0.0.1:${listener.address.port}`)
    stream.end()
    stream.resume()
    await once(stream, 'close')
    await listener.close()
  })
})

it('what is no URL of a proxy is an error, and nothing is dialled', async () => {
  await using server = await FakeProxy.http()
  const dialling = tcp({ proxy: 'socks4://127.0.0.1' }).dial(new URL(`rtmp://127.0.0.1:${server.port}`))
  await expect(dialling).rejects.toMatchObject({ code: 'RTMP_ERR_PROXY_URL' })
})

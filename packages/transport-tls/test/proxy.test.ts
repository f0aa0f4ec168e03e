import { transportCompliance } from '@rtmpipe/testing'
import { tcp } from '@rtmpipe/transport-tcp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeProxy } from '../../net/test/support/fake-proxy.ts'
import { withTls } from '../src/index.ts'
import { EchoServer, echoes, kept } from './bench.ts'
import { otherPair, pair } from './pairs.ts'

/** Who dials knows the proxy, and not who is behind it. */
const cases = transportCompliance.filter(({ name }) => name !== 'tells of each end who the other is')

describe.each([
  ['http', () => FakeProxy.http()],
  ['socks5', () => FakeProxy.socks()],
] as const)('TLS through a proxy: %s', (scheme, start) => {
  let proxy: FakeProxy
  let url: string
  beforeAll(async () => {
    proxy = await start()
    url = `${scheme}://127.0.0.1:${proxy.port}`
  })
  afterAll(() => proxy[Symbol.asyncDispose]())

  it.each(cases)('$name', async one => {
    await one.run(() => ({
      transport: withTls(tcp({ port: 0, proxy: url }), { certificate: pair, insecure: true }),
      dialUrl: ({ address }) => new URL(`rtmps://${address.address}:${address.port}/live`),
    }))
  })

  it('the certificate must be for the server, and not for the proxy', async () => {
    const server = await EchoServer.start()
    const to = (options: object) => withTls(tcp({ proxy: url }), options).dial(server.url)
    const { stream } = await to({ ca: pair.cert })
    await echoes(kept(stream))
    await expect(to({})).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    const other = await EchoServer.start({ certificate: otherPair })
    const dialling = withTls(tcp({ proxy: url }), { ca: otherPair.cert, servername: 'live.example.com' }).dial(
      other.url,
    )
    await expect(dialling).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })
})

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { json } from 'node:stream/consumers'
import { sampleStream, send, take } from '@rtmpipe/testing'
import { connect, httpTunnel } from 'rtmpipe'
import { describe, expect, it } from 'vitest'
import { AddressProxy, type AddressProxyName, clientAt } from '../support/address-proxies.ts'
import { type ClientName, requireClient } from '../support/programs.ts'
import { type Scheme, schemes, ServerProcess } from '../support/server-process.ts'

/** Of the client, of one that may not come, and of the proxies. */
const [client, banned, proxies] = ['127.0.0.77', '127.0.0.66', '127.0.0.1']
const env = { RTMPIPE_AUTH_IP_FILTER_DENY_0: banned, RTMPIPE_AUTH_IP_FILTER_DENY_1: proxies }

const portOf = (url: string) => Number(new URL(url.replace(/^rtmpt?s?/, 'http')).port)
const portsOf = ({ urls }: ServerProcess) =>
  Object.fromEntries(schemes.map(scheme => [scheme, portOf(urls[scheme])])) as Record<Scheme, number>

interface Behind {
  readonly program: ClientName
  readonly options: readonly string[]
  readonly schemes: readonly Scheme[]
}

const proxied: Readonly<Record<AddressProxyName, Behind>> = {
  'haproxy send-proxy': { program: 'haproxy', options: ['--proxy-protocol', proxies], schemes },
  'haproxy send-proxy-v2': { program: 'haproxy', options: ['--proxy-protocol', proxies], schemes },
  'nginx stream': { program: 'nginx-stream', options: ['--proxy-protocol', proxies], schemes },
  'nginx X-Forwarded-For': { program: 'nginx', options: ['--trust-proxy', proxies], schemes: ['rtmpt', 'rtmpts'] },
  stunnel: { program: 'stunnel', options: ['--proxy-protocol', proxies], schemes: ['rtmps', 'rtmpts'] },
}

describe.concurrent.each(Object.entries(proxied) as [AddressProxyName, Behind][])('behind %s', (name, behind) => {
  it('the server knows the address of each client', { timeout: 60_000 }, async context => {
    await requireClient(context, behind.program)
    await using server = await ServerProcess.start({ args: behind.options, env })
    await using proxy = await AddressProxy.start(name, portsOf(server))
    for (const scheme of behind.schemes) {
      await using at = await clientAt(client, proxy.ports.get(scheme) ?? 0)
      const publisher = await connect(`${scheme}://127.0.0.1:${at.port}/live`, { insecure: true })
      const playing = await publisher.play(scheme)
      await send(await publisher.publish(scheme), sampleStream(20))
      expect(await take(playing, 40)).toHaveLength(40)
      await server.program.waitForLine(/"msg":"publish started"/, match => {
        const { remote, stream } = JSON.parse(match.input ?? '') as { remote?: string; stream?: string }
        return stream === scheme && remote?.startsWith(`${client}:`) === true
      })
      const seen = await addressesSeen(server, proxy.ports.get('rtmpts'))
      // One that was refused before may be there still.
      expect(seen.filter(address => address !== banned)).toEqual([client])
      await publisher.close()
      await using bannedAt = await clientAt(banned, proxy.ports.get(scheme) ?? 0)
      await expect(connect(`${scheme}://127.0.0.1:${bannedAt.port}/live`, { insecure: true })).rejects.toThrow(
        'not from this address',
      )
    }
    await server.stop()
  })
})

it.concurrent('all workers together count the addresses that a proxy tells', { timeout: 60_000 }, async context => {
  await requireClient(context, 'haproxy')
  const counted = { RTMPIPE_QUOTAS_CONNECTIONS_PER_ADDRESS: '1' }
  await using server = await ServerProcess.start({
    args: ['--workers', '2', '--proxy-protocol', proxies],
    env: counted,
  })
  await using proxy = await AddressProxy.start('haproxy send-proxy-v2', portsOf(server))
  const port = proxy.ports.get('rtmp') ?? 0
  await using at = await clientAt(client, port)
  await using other = await clientAt(banned, port)
  const url = (each: { readonly port: number }) => `rtmp://127.0.0.1:${each.port}/live`
  const first = await connect(url(at))
  // Whichever worker they come to.
  for (let attempt = 0; attempt < 4; attempt += 1) await expect(connect(url(at))).rejects.toThrow()
  const second = await connect(url(other))
  await first.close()
  await second.close()
  await server.stop()
})

describe.concurrent('who is no proxy', () => {
  it('is told from clients by nobody: a forged header changes nothing', { timeout: 60_000 }, async () => {
    await using server = await ServerProcess.start({ args: ['--trust-proxy', '127.0.0.5'], env: {} })
    const { rtmpt } = portsOf(server)
    await using at = await clientAt(client, rtmpt)
    const base = `http://127.0.0.1:${at.port}`
    const forged = { 'x-forwarded-for': banned, forwarded: `for=${banned};proto=https` }
    const open = await fetch(`${base}/open/1`, { method: 'POST', body: '\0', headers: forged })
    const id = (await open.text()).trim()
    const c0 = Buffer.from('03', 'hex')
    await fetch(`${base}/send/${id}/0`, { method: 'POST', body: c0, headers: forged })
    const wrong = { ...forged, authorization: 'Bearer wrong' }
    for (let attempt = 0; attempt < 10; attempt += 1)
      expect((await fetch(`${base}/api/v1/connections`, { headers: wrong })).status).toBe(401)
    await server.program.waitForLine(/too many wrong tokens/, line => line.input?.includes(`"${client}"`) === true)
    await server.program.waitForLine(/RTMP_ERR_TUNNEL_FORWARDED/, line => line.input?.includes(`"${client}:`) === true)
    await using other = await clientAt(banned, rtmpt)
    expect((await fetch(`http://127.0.0.1:${other.port}/api/v1/connections`, { headers: wrong })).status).toBe(401)
    await server.stop()
  })

  it('does not get past a port for proxies, and the log says so', { timeout: 60_000 }, async () => {
    await using server = await ServerProcess.start({ args: ['--proxy-protocol', proxies] })
    const attempts = Object.entries(portsOf(server)).map(async ([scheme, port]) => {
      await using at = await clientAt(client, port)
      // A tunnel tries again until then.
      const tunnel = httpTunnel({ insecure: true, connectTimeout: 2_000 })
      const options = scheme.startsWith('rtmpt') ? { transports: [tunnel] } : { insecure: true }
      await expect(connect(`${scheme}://127.0.0.1:${at.port}/live`, options)).rejects.toThrow()
    })
    await Promise.all(attempts)
    await server.program.waitForLine(
      /PROXY protocol: 127\.0\.0\.77: 127\.0\.0\.77 is not in proxyProtocol/,
      line => line.input?.includes('RTMP_ERR_PROXY_UNTRUSTED') === true,
    )
    await server.stop()
  })

  it('can not be everybody', async () => {
    await expect(ServerProcess.start({ args: ['--trust-proxy', 'true'] })).rejects.toThrow(
      /--trust-proxy.*everybody could claim any address/s,
    )
    await expect(ServerProcess.start({ args: ['--proxy-protocol', '10.0.0.0/99'] })).rejects.toThrow(
      /--proxy-protocol.*"10\.0\.0\.0\/99" is no IP address/s,
    )
  })
})

/** Addresses of all connections, as the API tells them on an HTTPS port. */
async function addressesSeen(server: ServerProcess, port: number | undefined): Promise<string[]> {
  const token = (await readFile(server.data.file('admin-token'), 'utf8')).trim()
  const headers = { authorization: `Bearer ${token}`, connection: 'close' }
  const options = { port, host: '127.0.0.1', path: '/api/v1/connections', headers, rejectUnauthorized: false }
  const [answer] = (await once(get(options), 'response')) as [IncomingMessage]
  const { items } = (await json(answer)) as { items: { remote: { address: string } }[] }
  return items.map(({ remote }) => remote.address)
}

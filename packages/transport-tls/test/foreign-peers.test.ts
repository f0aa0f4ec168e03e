import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ConnectionOptions, type TLSSocket, connect, createServer } from 'node:tls'
import { tcp } from '@rtmpipe/transport-tcp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withTls } from '../src/index.ts'
import { EchoServer, closed, echoes, kept } from './bench.ts'
import { needsOpenssl } from './openssl.ts'
import { pair } from './pairs.ts'

/** Node's own TLS client: a stack that shares no code of ours with the server. */
async function nodeClient(server: EchoServer, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = kept(connect({ port: server.port, host: '127.0.0.1', ca: pair.cert, ...options }))
  await once(socket, 'secureConnect')
  return socket
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', version => {
  it('serves a client of node:tls', async () => {
    const server = await EchoServer.start()
    const client = await nodeClient(server, { minVersion: version, maxVersion: version })
    expect(client.getProtocol()).toBe(version)
    expect(client.authorized).toBe(true)
    await echoes(client)
  })

  it.runIf(needsOpenssl)('serves openssl s_client', async () => {
    const server = await EchoServer.start()
    const flag = `-${version.toLowerCase().replace('.', '_').replace('tlsv', 'tls')}`
    const args = ['s_client', '-connect', `127.0.0.1:${server.port}`, '-quiet', '-no_ign_eof', flag]
    const client = spawn('openssl', args)
    onTestFinished(() => void client.kill())
    client.stdin.write('hello from openssl\n')
    const [reply] = await once(client.stdout, 'data')
    expect(String(reply)).toBe('hello from openssl\n')
    client.stdin.end()
    await once(client, 'exit')
    await closed(server.accepted[0]?.stream ?? expect.fail('not accepted'))
  })

  it('is served by a server of node:tls', async () => {
    const server = createServer({ ...pair, minVersion: version, maxVersion: version }, socket => {
      kept(socket).pipe(socket)
    })
    server.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const url = new URL(`rtmps://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const { stream, secure, transport, remote } = await withTls(tcp(), { ca: pair.cert }).dial(url)
    await echoes(kept(stream))
    expect({ secure, transport, remote }).toEqual({
      secure: true,
      transport: 'rtmps',
      remote: { address: '127.0.0.1', port: Number(url.port) },
    })
  })
})

it('asks for the host by name, and for an IP address not at all', async () => {
  const names: (string | false | null)[] = []
  const server = createServer(pair, socket => {
    names.push(socket.servername)
    kept(socket).end()
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const host of ['localhost', '127.0.0.1']) {
    const { stream } = await withTls(tcp(), { ca: pair.cert }).dial(new URL(`rtmps://${host}:${port}`))
    kept(stream).end()
    await closed(stream)
  }
  expect(names).toEqual(['localhost', false])
})

it('refuses TLS 1.1 and weak ciphers', async () => {
  const server = await EchoServer.start()
  const weak: ConnectionOptions[] = [
    { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' },
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA' },
  ]
  for (const options of weak) {
    await expect(nodeClient(server, options)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_SSL_/) })
  }
  expect(server.accepted).toEqual([])
})

it('refuses TLS 1.1 whatever ciphers it is told to take', async () => {
  const ciphers = 'DEFAULT@SECLEVEL=0'
  const server = await EchoServer.start({ ciphers })
  await expect(nodeClient(server, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers })).rejects.toMatchObject({
    code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  })
})

it('keeps to the versions it is told', async () => {
  const old = await EchoServer.start({ maxVersion: 'TLSv1.2' })
  expect((await nodeClient(old)).getProtocol()).toBe('TLSv1.2')
  const young = await EchoServer.start({ minVersion: 'TLSv1.3' })
  await expect(nodeClient(young, { maxVersion: 'TLSv1.2' })).rejects.toMatchObject({
    code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  })
})

it('refuses to negotiate again', async () => {
  const server = await EchoServer.start()
  const client = await nodeClient(server, { maxVersion: 'TLSv1.2' })
  const error = await new Promise(resolve => {
    client.once('error', resolve)
    client.renegotiate({}, resolve)
  })
  expect(error).toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' })
  await server.greet()
})

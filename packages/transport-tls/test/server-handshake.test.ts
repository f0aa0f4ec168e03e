import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import type { Duplex } from 'node:stream'
import { expect, it, vi } from 'vitest'
import { CertificateError, withTls } from '../src/index.ts'
import { EchoServer, closed, echoes, hungUp, kept } from './bench.ts'
import { memory } from './memory-transport.ts'
import { pair } from './pairs.ts'

const junk: [what: string, bytes: Buffer][] = [
  ['RTMP', Buffer.concat([Buffer.from([3]), Buffer.alloc(1536, 7)])],
  ['HTTP', Buffer.from('POST /open/1 HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['a record of absurd length', Buffer.from('160301ffff', 'hex')],
  ['a handshake message of absurd length', Buffer.from('160301000401ffffff', 'hex')],
  ['an alert', Buffer.from('15030100020228', 'hex')],
  ['zeros', Buffer.alloc(4096)],
]

it.each(junk)('ends only the connection of a peer that sends %s', async (_what, bytes) => {
  const server = await EchoServer.start()
  const bystander = await server.greet()
  const peer = await server.plain()
  peer.write(bytes)
  await hungUp(peer)
  await server.until(({ failures }) => failures.length === 1)
  expect(server.failures).toEqual([
    {
      error: expect.objectContaining({ code: expect.stringMatching(/^ERR_SSL_|^RTMP_ERR_WRONG_PORT$/) }),
      remote: { address: '127.0.0.1', port: expect.any(Number) },
    },
  ])
  expect(server.accepted).toHaveLength(1)
  await echoes(bystander)
})

const beginnings: [when: string, bytes: string][] = [
  ['before its first message', ''],
  ['within its first message', '160301020001'],
]

it.each(beginnings)('gives up a peer that stalls %s', async (_when, bytes) => {
  const server = await EchoServer.start({ handshakeTimeout: 30 })
  const peer = await server.plain()
  peer.write(Buffer.from(bytes, 'hex'))
  await hungUp(peer)
  await server.until(({ failures }) => failures.length === 1)
  expect(server.failures).toMatchObject([{ error: { code: 'RTMP_ERR_TLS_HANDSHAKE_TIMEOUT', name: 'TlsError' } }])
  expect(server.accepted).toEqual([])
})

it.each(['end', 'destroy', 'resetAndDestroy'] as const)('notices a peer that leaves by %s()', async leave => {
  const server = await EchoServer.start()
  const peer = await server.plain()
  peer[leave]()
  await server.until(({ failures }) => failures.length === 1)
  expect(server.failures[0]?.error.code).toBe(
    leave === 'resetAndDestroy' ? 'ECONNRESET' : 'RTMP_ERR_TLS_HANDSHAKE_CLOSED',
  )
})

it('lets the oldest handshake give way when there are too many', async () => {
  const server = await EchoServer.start({ maxHandshakes: 2 })
  const peers = [await server.plain(), await server.plain(), await server.plain()]
  await server.until(({ failures }) => failures.length === 1)
  expect(server.failures).toMatchObject([{ error: { code: 'RTMP_ERR_TLS_HANDSHAKE_LIMIT', name: 'TlsError' } }])
  expect(server.failures[0]?.remote?.port).toBe(peers[0]?.localPort)
  await server.greet()
  expect(server.failures[1]?.remote?.port).toBe(peers[1]?.localPort)
})

it('ends a connection whose records break after the handshake, with an error', async () => {
  const server = await EchoServer.start()
  const bystander = await server.greet()
  const raw = await server.plain()
  const client = kept(connectTls({ socket: raw, ca: pair.cert, host: '127.0.0.1' }))
  await once(client, 'secureConnect')
  await echoes(client)
  const { stream } = server.accepted[1] ?? {}
  raw.write(Buffer.alloc(200, 0x41))
  await new Promise(resolve => stream?.once('close', resolve))
  expect(stream?.errored).toMatchObject({ code: expect.stringMatching(/^ERR_SSL_|^RTMP_ERR_WRONG_PORT$/) })
  await echoes(bystander)
})

it('survives an error that nobody listens to', async () => {
  const inner = memory()
  const transport = withTls(inner, { certificate: pair, ca: pair.cert })
  const streams: Duplex[] = []
  const listener = await transport.listen(({ stream }) => streams.push(stream))
  const { stream } = await transport.dial(new URL(`rtmps://memory:${listener.address.port}`))
  streams.push(stream)
  while (streams.length < 2) await new Promise(resolve => setImmediate(resolve))
  for (const one of streams) one.destroy(new Error('unheard'))
  await Promise.all(streams.map(closed))
  await listener.close()
})

it('passes an error of the transport below on', async () => {
  const inner = memory()
  const accepted: Duplex[] = []
  const plain: Duplex[] = []
  const transport = withTls(
    { ...inner, listen: (accept, options) => inner.listen(c => (plain.push(c.stream), accept(c)), options) },
    { certificate: pair, ca: pair.cert },
  )
  const listener = await transport.listen(({ stream }) => accepted.push(kept(stream)))
  const { stream } = await transport.dial(new URL(`rtmps://memory:${listener.address.port}`))
  kept(stream)
  while (accepted.length === 0) await new Promise(resolve => setImmediate(resolve))
  const cause = new Error('cable cut')
  plain[0]?.destroy(cause)
  await Promise.all([closed(stream), ...accepted.map(closed)])
  expect(accepted[0]?.errored).toBe(cause)
  await listener.close()
})

it('ends handshakes under way on close(), without telling of them', async () => {
  const inner = memory()
  const onError = vi.fn()
  const listener = await withTls(inner, { certificate: pair, onError }).listen(() => {})
  const { stream } = await inner.dial(new URL(`memory://memory:${listener.address.port}`))
  stream.write(Buffer.from('160301020001', 'hex'))
  await Promise.all([listener.close(), closed(kept(stream))])
  await new Promise(resolve => setImmediate(resolve))
  expect(onError).not.toHaveBeenCalled()
})

it('does not listen without a certificate', async () => {
  const listening = withTls(memory()).listen(() => {})
  await expect(listening).rejects.toThrow(CertificateError)
  await expect(listening).rejects.toMatchObject({ code: 'RTMP_ERR_CERTIFICATE_MISSING' })
})

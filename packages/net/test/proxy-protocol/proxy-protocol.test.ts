import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { ProxyProtocol, type ProxyProtocolLimits, type Remote, TrustError } from '../../src/index.ts'
import { v1, v2, v2Local } from './headers.ts'

interface Arrival {
  readonly error: Error | undefined
  readonly remote: Remote
  readonly socket: Socket
}

/** Listens with the PROXY protocol; `arrival()` is the next connection that has arrived, or has been refused. */
async function listen(networks: readonly string[], limits: ProxyProtocolLimits = {}) {
  const proxy = new ProxyProtocol(networks, limits)
  const arrived: Arrival[] = []
  const server = createServer({ allowHalfOpen: true }, socket => {
    proxy.arrive(socket, (error, remote) => {
      arrived.push({ error, remote, socket })
      server.emit('arrival')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return {
    proxy,
    arrived,
    dial() {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      onTestFinished(() => void socket.destroy())
      return socket
    },
    async arrival(): Promise<Arrival> {
      if (arrived.length === 0) await once(server, 'arrival')
      return arrived.shift() as Arrival
    },
  }
}

async function textOf(socket: Socket): Promise<string> {
  let text = ''
  for await (const bytes of socket) text += String(bytes)
  return text
}

it.each([
  ['1', v1],
  ['2', v2],
])('reads a header of version %s, and not a byte more', async (_version, header) => {
  const { dial, arrival } = await listen(['loopback'])
  dial().end(Buffer.concat([header, Buffer.from('and so on')]))
  const { error, remote, socket } = await arrival()
  expect(error).toBeUndefined()
  expect(remote).toEqual({ address: '203.0.113.9', port: 4711 })
  expect([socket.remoteAddress, socket.remotePort, socket.remoteFamily]).toEqual(['203.0.113.9', 4711, 'IPv4'])
  expect(await textOf(socket)).toBe('and so on')
})

it('takes a header in pieces, and what follows later', async () => {
  const { dial, arrival } = await listen(['loopback'])
  const client = dial().setNoDelay()
  for (const byte of v2) {
    client.write(Buffer.from([byte]))
    await new Promise(setImmediate)
  }
  const { socket } = await arrival()
  client.end('later')
  expect(await textOf(socket)).toBe('later')
})

it('knows the proxy itself by its own address', async () => {
  const { dial, arrival } = await listen(['127.0.0.1'])
  const client = dial()
  client.end(v2Local)
  const { error, remote } = await arrival()
  expect(error).toBeUndefined()
  expect(remote).toEqual({ address: '127.0.0.1', port: client.localPort })
})

it('refuses whoever is in none of the networks, whatever they send', async () => {
  const { dial, arrival } = await listen(['10.0.0.0/8'])
  const client = dial()
  client.write(v1)
  const { error, remote, socket } = await arrival()
  expect(error).toMatchObject({ code: 'RTMP_ERR_PROXY_UNTRUSTED' })
  expect(error?.message).toContain('127.0.0.1 is not in proxyProtocol')
  expect(remote.address).toBe('127.0.0.1')
  expect(socket.destroyed).toBe(true)
})

it('refuses what has no header', async () => {
  const { dial, arrival } = await listen(['loopback'])
  dial().write('GET / HTTP/1.1\r\n\r\n')
  const { error, remote, socket } = await arrival()
  expect(error).toMatchObject({ code: 'RTMP_ERR_PROXY_HEADER' })
  expect(remote.address).toBe('127.0.0.1')
  expect(socket.destroyed).toBe(true)
})

it('gives up a connection that ends before its header, and one that is reset', async () => {
  const { dial, arrival, arrived } = await listen(['loopback'])
  dial().end('PROXY TC')
  expect((await arrival()).error).toMatchObject({ code: 'RTMP_ERR_PROXY_HEADER' })
  const client = dial()
  client.write('PROXY TC', () => client.resetAndDestroy())
  expect((await arrival()).error).toMatchObject({ code: 'RTMP_ERR_PROXY_HEADER' })
  expect(arrived).toHaveLength(0)
})

it('gives up a connection whose header does not come in time', async () => {
  const { dial, arrival } = await listen(['loopback'], { timeout: 30 })
  dial().write('PROXY ')
  const { error, socket } = await arrival()
  expect(error).toMatchObject({ code: 'RTMP_ERR_PROXY_HEADER_TIMEOUT' })
  expect(socket.destroyed).toBe(true)
})

it('gives up the oldest when too many are without their header', async () => {
  const { dial, arrival } = await listen(['loopback'], { maxWaiting: 1 })
  const first = dial()
  await once(first, 'connect')
  const second = dial()
  const { error, remote } = await arrival()
  expect(error).toMatchObject({ code: 'RTMP_ERR_PROXY_HEADER_LIMIT' })
  expect(remote.port).toBe(first.localPort)
  second.write(v1)
  expect((await arrival()).error).toBeUndefined()
})

it('ends those that wait when it is closed, and tells nobody', async () => {
  const { dial, arrival, arrived, proxy } = await listen(['loopback'], { maxWaiting: 1 })
  dial()
  const client = dial()
  // The second is there.
  await arrival()
  proxy.close()
  await once(client, 'close')
  expect(arrived).toEqual([])
})

it.each([[[]], ['loopback'], [true], [['everybody']]])('has to be told the networks: %j', networks => {
  expect(() => new ProxyProtocol(networks as never)).toThrow(TrustError)
})

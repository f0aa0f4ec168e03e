import dns from 'node:dns'
import { once } from 'node:events'
import { type Server, Socket, connect, createServer } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { type TcpConnection, type TcpOptions, tcp } from '../src/index.ts'

vi.mock('node:net', { spy: true })

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function listen(options: TcpOptions = {}) {
  const connections: TcpConnection[] = []
  let wake = (): void => {}
  const listener = await tcp({ port: 0, ...options }).listen(connection => {
    connections.push(connection)
    wake()
  })
  cleanups.push(async () => {
    for (const { stream } of connections) stream.destroy()
    await listener.close()
  })
  const accept = async (): Promise<TcpConnection> => {
    if (connections.length === 0) await new Promise<void>(resolve => (wake = resolve))
    return connections.at(-1) as TcpConnection
  }
  return { listener, accept, connections }
}

function plainSocket(port: number, host = '127.0.0.1'): Socket {
  const socket = new Socket().connect({ port, host })
  socket.on('error', () => {})
  cleanups.push(() => socket.destroy())
  return socket
}

it('rejects listening on a port that is taken, with the error of the system', async () => {
  const { listener } = await listen()
  await expect(tcp({ port: listener.address.port }).listen(() => {})).rejects.toMatchObject({
    code: 'EADDRINUSE',
    syscall: 'listen',
  })
})

it('rejects dialling a closed port, with the error of the system', async () => {
  const { listener } = await listen()
  await listener.close()
  const dialling = tcp().dial(new URL(`rtmp://127.0.0.1:${listener.address.port}`))
  await expect(dialling).rejects.toMatchObject({ code: 'ECONNREFUSED', port: listener.address.port })
})

it('says what is wrong when a name has several addresses and none answers', async () => {
  const { listener } = await listen()
  await listener.close()
  vi.spyOn(dns, 'lookup').mockImplementation(((
    _host: string,
    _options: unknown,
    found: (...args: unknown[]) => void,
  ) => {
    const addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ]
    process.nextTick(found, null, addresses)
  }) as never)
  const { port } = listener.address
  const error: unknown = await tcp()
    .dial(new URL(`rtmp://two.test:${port}`))
    .catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'ECONNREFUSED', cause: expect.any(AggregateError) })
  expect((error as Error).message).toContain(`127.0.0.1:${port}`)
  expect((error as Error).message).toContain(`127.0.0.2:${port}`)
})

it('gives up dialling a host that does not answer', async () => {
  vi.spyOn(dns, 'lookup').mockImplementation((() => {}) as never)
  const dialling = tcp({ connectTimeout: 20 }).dial(new URL('rtmp://silent.test'))
  await expect(dialling).rejects.toMatchObject({ code: 'ETIMEDOUT', syscall: 'connect', port: 1935 })
})

it('listens on IPv6 and dials a bracketed host', async () => {
  const { listener, accept } = await listen({ host: '::1' })
  const client = await tcp().dial(new URL(`rtmp://[::1]:${listener.address.port}/live`))
  cleanups.push(() => client.stream.destroy())
  expect(client.remote).toEqual({ address: '::1', port: listener.address.port })
  expect((await accept()).remote).toEqual({ address: '::1', port: client.stream.localPort })
})

it('knows an IPv4 peer of a dual-stack listener by its IPv4 address', async () => {
  const { listener, accept } = await listen({ host: '::' })
  const socket = plainSocket(listener.address.port)
  await once(socket, 'connect')
  expect((await accept()).remote).toEqual({ address: '127.0.0.1', port: socket.localPort })
})

it('sets both ends to send at once, to probe a silent peer and to half-close', async () => {
  const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, allowHalfOpen: true }
  const { listener } = await listen()
  const client = await tcp().dial(new URL(`rtmp://127.0.0.1:${listener.address.port}`))
  cleanups.push(() => client.stream.destroy())
  expect(createServer).toHaveBeenLastCalledWith(expect.objectContaining(options))
  expect(connect).toHaveBeenLastCalledWith(expect.objectContaining(options))
})

it('survives a reset of a dialled connection that nobody listens to', async () => {
  const { listener, accept } = await listen()
  const { stream } = await tcp().dial(new URL(`rtmp://127.0.0.1:${listener.address.port}`))
  const closed = new Promise(resolve => stream.resume().once('close', resolve))
  const server = await accept()
  server.stream.resetAndDestroy()
  await closed
  expect(stream.errored).toMatchObject({ code: 'ECONNRESET' })
})

it('survives a reset that nobody listens to', async () => {
  const { listener, accept } = await listen()
  const socket = plainSocket(listener.address.port)
  const { stream } = await accept()
  stream.resume()
  const closed = new Promise(resolve => stream.once('close', resolve))
  socket.resetAndDestroy()
  await closed
  expect(stream.errored).toMatchObject({ code: 'ECONNRESET' })
})

it('closes connections beyond maxConnections unseen and serves the others', async () => {
  const { listener, accept, connections } = await listen({ maxConnections: 1 })
  const first = plainSocket(listener.address.port)
  const { stream } = await accept()
  const second = plainSocket(listener.address.port)
  await new Promise(resolve => second.once('close', resolve).resume())
  expect(connections).toHaveLength(1)
  stream.write('still here')
  expect(String((await once(first, 'data'))[0])).toBe('still here')
})

it('reports what goes wrong with accepting and goes on', async () => {
  const onError = vi.fn()
  const { listener, accept } = await listen({ onError })
  const server = vi.mocked(createServer).mock.results.at(-1)?.value as Server
  const failure = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' })
  server.emit('error', failure)
  expect(onError).toHaveBeenCalledExactlyOnceWith(failure)
  plainSocket(listener.address.port)
  await accept()
})

it('closes the listener with the signal, even while it binds', async () => {
  const abort = new AbortController()
  const binding = tcp({ port: 0, host: 'localhost' }).listen(() => {}, { signal: abort.signal })
  abort.abort(new Error('changed my mind'))
  await expect(binding).rejects.toThrow('changed my mind')
})

it('reads what the peer said before it closed, although nothing can be written any more', async () => {
  const { listener, accept } = await listen()
  const { stream: client } = await tcp().dial(new URL(`rtmp://127.0.0.1:${listener.address.port}`))
  cleanups.push(() => client.destroy())
  const { stream: server } = await accept()
  const heard: string[] = []
  client.on('data', bytes => heard.push(String(bytes)))
  server.write('first')
  await once(client, 'data')
  const failed = once(client, 'error')
  server.write('because')
  server.destroy()
  // In the same turn of the event loop: nothing has been read yet.
  client.write('the first is answered by a reset')
  client.write('the second can not be written')
  expect(await failed).toMatchObject([{ syscall: 'write' }])
  expect(heard).toEqual(['first', 'because'])
})

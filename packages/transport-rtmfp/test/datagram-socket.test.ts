import { afterEach, expect, it } from 'vitest'
import type { OpenSession } from '../src/contract/session.ts'
import { DatagramSocket, type DatagramSocketOptions } from '../src/datagram-socket.ts'

const sockets: DatagramSocket[] = []

async function bind(options: Partial<DatagramSocketOptions>): Promise<DatagramSocket> {
  const socket = await DatagramSocket.bind({ certificate: 'ephemeral', host: '127.0.0.1', ...options })
  sockets.push(socket)
  return socket
}

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})

function open(client: DatagramSocket, server: DatagramSocket, address: string): Promise<OpenSession> {
  const candidates = [{ address, port: server.address.port }]
  return new Promise((resolve, reject) => {
    client.endpoint.open({ url: 'rtmfp://localhost/live', candidates }, client.now, (error, session) =>
      session === undefined ? reject(error) : resolve(session),
    )
  })
}

/** Resolves with the messages of one flow when all have come. */
function received(session: OpenSession, count: number): Promise<string[]> {
  const messages: string[] = []
  return new Promise(resolve => {
    session.onFlow = flow => {
      flow.onMessage = message => {
        messages.push(String(message))
        if (messages.length === count) resolve(messages)
      }
      return true
    }
  })
}

function sendAll(session: OpenSession, texts: readonly string[]): void {
  const flow = session.openFlow({ metadata: Buffer.from('all'), priority: 4 })
  for (const text of texts) flow.write([Buffer.from(text)])
}

it('1,000 messages each way over real UDP', async () => {
  const server = await bind({})
  const client = await bind({ certificate: 'static' })
  const texts = Array.from({ length: 1_000 }, (_, index) => `${index} `.repeat(1 + (index % 300)))
  const atServer = new Promise<string[]>(resolve => {
    server.endpoint.onSession = session => {
      resolve(received(session, texts.length))
      sendAll(session, texts)
    }
  })
  const session = await open(client, server, '127.0.0.1')
  const atClient = received(session, texts.length)
  sendAll(session, texts)
  expect(await atServer).toEqual(texts)
  expect(await atClient).toEqual(texts)
  expect([session.remote, session.farId]).toEqual([server.address, server.endpoint.id])
})

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
])('a socket for everything is reached at %s', async (host, address) => {
  const server = await bind({ host: '::' })
  const remotes: string[] = []
  server.endpoint.onSession = session => {
    remotes.push(session.remote.address)
    session.openFlow({ metadata: Buffer.from('m'), priority: 0 }).write([Buffer.from('hello')])
  }
  const client = await bind({ host })
  const session = await open(client, server, address)
  expect(await received(session, 1)).toEqual(['hello'])
  expect(remotes).toEqual([address])
})

it('tells its far ends when it is closed', async () => {
  const server = await bind({})
  server.endpoint.onSession = () => {}
  const session = await open(await bind({}), server, '127.0.0.1')
  const ended = new Promise(resolve => {
    session.onEnd = resolve
  })
  server.close()
  expect(await ended).toBe('closed by the far end')
})

it('a port that is taken is an error of the system', async () => {
  const { port } = (await bind({})).address
  await expect(bind({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('what can not be sent is lost, and nothing else', async () => {
  const server = await bind({})
  server.endpoint.onSession = () => {}
  const client = await bind({})
  const nowhere = [
    { address: '127.0.0.1', port: 0 },
    { address: '::1', port: 9 },
    { address: 'fe80::1%none', port: 9 },
    { address: 'no address', port: 9 },
  ]
  const session = await new Promise<OpenSession | undefined>(resolve => {
    const candidates = [...nowhere, server.address]
    client.endpoint.open({ url: 'rtmfp://localhost/live', candidates }, client.now, (_, opened) => resolve(opened))
  })
  expect(session?.remote).toEqual(server.address)
})

it('who has heard the end need not be waited for', async () => {
  const server = await bind({})
  const ended = new Promise(resolve => {
    server.endpoint.onSession = session => {
      session.onEnd = resolve
    }
  })
  const session = await open(await bind({ certificate: 'static' }), server, '127.0.0.1')
  session.openFlow({ metadata: Buffer.from('m'), priority: 0 }).write([Buffer.from('hello')])
  session.close()
  await ended
  expect(server.endpoint.usage.lingering).toBe(1)
  const before = performance.now()
  await server.end()
  expect(performance.now() - before).toBeLessThan(150)
})

it('a socket that can not be used is not kept', async () => {
  const port = await freePort()
  await expect(bind({ port, groups: [] })).rejects.toThrow()
  expect((await bind({ port })).address.port).toBe(port)
})

async function freePort(): Promise<number> {
  const socket = await DatagramSocket.bind({ certificate: 'ephemeral', host: '127.0.0.1' })
  const { port } = socket.address
  socket.close()
  return port
}

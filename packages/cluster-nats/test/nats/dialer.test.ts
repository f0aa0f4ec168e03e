import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Dialer } from '../../src/nats/dialer.ts'

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

function infoLine(others: readonly string[]): string {
  const info = { server_id: 'fake', version: '2.12.0', max_payload: 1024 * 1024, connect_urls: others }
  return `INFO ${JSON.stringify(info)}\r\n`
}

/** A server that says who it is and tells of others. */
async function listen(others: readonly string[], take: (socket: Socket, text: string) => void) {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', data => take(socket, data.toString()))
    socket.write(infoLine(others))
  })
  open.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, sockets }
}

function dial(port: number) {
  const dialer = new Dialer({ login: {}, name: 'test', inboxPrefix: 'rt1.r.test' })
  return dialer.dial({ host: '127.0.0.1', port, tlsName: '127.0.0.1', needsTls: false })
}

describe('Dialer', () => {
  it('connects to the server it is given, and to none that this one tells of', async () => {
    const cut = (socket: Socket) => socket.destroy()
    const others = await Promise.all([listen([], cut), listen([], cut), listen([], cut)])
    const { port, sockets } = await listen(
      others.map(other => `127.0.0.1:${other.port}`),
      cut,
    )
    await expect(dial(port)).rejects.toThrow()
    // To ask who it is, and to log in.
    expect(sockets).toHaveLength(2)
    expect(others.map(other => other.sockets.length)).toEqual([0, 0, 0])
  })

  it('leaves it to us what to do with servers that are told of', async () => {
    const { port, sockets } = await listen(['127.0.0.1:1'], (socket, text) => {
      if (text.includes('PING\r\n')) socket.write('PONG\r\n')
    })
    const connection = await dial(port)
    const seen: string[] = []
    const watching = (async () => {
      for await (const { type } of connection.status()) seen.push(type)
    })()
    sockets.at(-1)!.write(infoLine(['127.0.0.1:2', '127.0.0.1:3']))
    await connection.flush()
    expect(connection.info?.connect_urls).toEqual(['127.0.0.1:2', '127.0.0.1:3'])
    await connection.close()
    await watching
    // An `update` tells that the library has them in its own list.
    expect(seen).toEqual(['close'])
  })
})

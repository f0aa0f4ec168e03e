import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { closeStuckConnections } from '../../src/server/stuck-connections.ts'

const MIB = 2 ** 20

describe('closeStuckConnections', () => {
  it('closes a connection whose client does not read', async () => {
    const { server, client } = await serving()
    closeStuckConnections(server, 20)
    const [socket, response] = await asked(server, client)
    response.end(Buffer.alloc(64 * MIB))
    await once(socket, 'close')
  })

  it('leaves a connection alone as long as it is waiting for us', async () => {
    const { server, client } = await serving()
    closeStuckConnections(server, 20)
    const [socket, response] = await asked(server, client)
    await once(socket, 'timeout')
    expect(socket.destroyed).toBe(false)
    response.end('late')
    client.resume()
    expect(String((await once(client, 'data'))[0])).toContain('200 OK')
  })

  it('keeps the limit on the time between two requests', async () => {
    const { server, client } = await serving()
    closeStuckConnections(server, 60_000)
    server.keepAliveTimeout = 20
    const [socket, response] = await asked(server, client)
    response.end('soon')
    await once(socket, 'close')
  })
})

/** A server, and a client on it that does not read. */
async function serving(): Promise<{ server: Server; client: Socket }> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => void client.destroy())
  client.pause()
  return { server, client }
}

/** The server's end of a request. */
async function asked(server: Server, client: Socket): Promise<[Socket, ServerResponse]> {
  client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  return [request.socket, response]
}

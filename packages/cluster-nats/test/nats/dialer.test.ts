import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Dialer } from '../../src/nats/dialer.ts'

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

/** A server that says who it is, tells of others, and ends every connection. */
async function refusing(
  others: readonly string[],
): Promise<{ readonly port: number; readonly connections: () => number }> {
  let connections = 0
  const info = { server_id: 'refusing', version: '2.12.0', max_payload: 1024 * 1024, connect_urls: others }
  const server = createServer(socket => {
    connections += 1
    socket.on('error', () => {})
    socket.on('data', () => socket.destroy())
    socket.write(`INFO ${JSON.stringify(info)}\r\n`)
  })
  open.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

describe('Dialer', () => {
  it('connects to the server it is given, and to none that this one tells of', async () => {
    const other = await refusing([])
    const { port, connections } = await refusing([`127.0.0.1:${other.port}`])
    const dialer = new Dialer({ login: {}, name: 'test', inboxPrefix: 'rt1.r.test' })
    const dialed = dialer.dial({ host: '127.0.0.1', port, tlsName: '127.0.0.1', needsTls: false })
    await expect(dialed).rejects.toThrow()
    // To ask who it is, and to log in.
    expect(connections()).toBe(2)
    expect(other.connections()).toBe(0)
  })
})

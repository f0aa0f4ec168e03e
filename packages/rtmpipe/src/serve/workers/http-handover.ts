import { createServer, connect, type Server, type Socket } from 'node:net'
import { rm } from 'node:fs/promises'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { peek } from '@rtmpipe/net'
import type { OnePort } from '@rtmpipe/transport-one-port'
import { TunnelConnections } from './tunnel-connections.ts'

/** Before the bytes of the client comes who it is, as JSON in a line. */
interface Client {
  readonly address: string
  readonly port: number
  readonly secure: boolean
}

/** Bytes of that line at most. */
const longestLine = 256

/** Of the worker that serves HTTP for all. */
function pathOf(workerSocket: string): string {
  return join(dirname(workerSocket), 'http.sock')
}

/** Hands what is HTTP at the port of this worker to the first one. */
export function handOverHttp(port: OnePort, workerSocket: string): void {
  const tunnels = new TunnelConnections()
  const free = port.serveHttp({
    take: connection => {
      const { remoteAddress: address = '', remotePort = 0 } = connection
      const client: Client = {
        address,
        port: remotePort,
        secure: (connection as Partial<TLSSocket>).encrypted === true,
      }
      const first = connect({ path: pathOf(workerSocket), allowHalfOpen: true })
      const end = () => {
        connection.destroy()
        first.destroy()
      }
      first.on('error', end).on('close', end)
      connection.on('error', end).on('close', end)
      first.write(`${JSON.stringify(client)}\n`)
      tunnels.watch(connection)
      connection.pipe(first).pipe(connection)
    },
    // The first one decides who may still come by the tunnel; the port is not needed for that, but those who are there are
    // cut off when this process ends.
    open: async () => ({
      close: async () => {
        void free()
        await tunnels.gone()
      },
    }),
  })
}

/** Takes what other workers hand over, as if it had come here. */
export async function takeHandedOver(port: OnePort, workerSocket: string): Promise<Server> {
  const path = pathOf(workerSocket)
  await rm(path, { force: true })
  const server = createServer({ allowHalfOpen: true }, connection => {
    connection.on('error', () => {})
    peek(connection, lineIn, client => {
      if (client === undefined || client === null) return void connection.destroy()
      connection.read(client.length)
      port.takeHttp(dressed(connection, client.client))
    })
  })
  server.listen(path)
  await once(server, 'listening')
  server.unref()
  return server
}

interface Line {
  readonly length: number
  readonly client: Client
}

/** @returns null for what is no line of ours */
function lineIn(bytes: Buffer): Line | null | undefined {
  const end = bytes.subarray(0, longestLine).indexOf('\n')
  if (end < 0) return bytes.length < longestLine ? undefined : null
  return { length: end + 1, client: JSON.parse(bytes.toString('utf8', 0, end)) as Client }
}

/** It looks like the connection of the client. */
function dressed(connection: Socket, { address, port, secure }: Client): Socket {
  return Object.defineProperties(connection, {
    remoteAddress: { value: address },
    remotePort: { value: port },
    ...(secure && { encrypted: { value: true } }),
  })
}

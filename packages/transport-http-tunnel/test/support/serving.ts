import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { onTestFinished } from 'vitest'
import { addTunnelRoutes } from '../../src/server/add-tunnel-routes.ts'
import type { TunnelServer } from '../../src/server/tunnel-server.ts'

/** Has sessions served by a real HTTP server on a free port, until the test is over. */
export async function serving(sessions: TunnelServer): Promise<{ server: Server; port: number }> {
  let http: Server | undefined
  const app = fastify({ serverFactory: handler => (http = createServer(handler)) })
  addTunnelRoutes(app, sessions)
  await app.ready()
  const server = http as unknown as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    sessions.destroy()
    server.closeAllConnections()
    await app.close()
  })
  return { server, port: (server.address() as AddressInfo).port }
}

import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import fastify from 'fastify'
import type { TunnelConnection } from '../connection.ts'
import { ignore } from '../ignore.ts'
import { atLeast } from '../limits.ts'
import type { HttpTunnelOptions } from '../options.ts'
import { secureContextProvider } from '../tls.ts'
import { addTunnelRoutes } from './add-tunnel-routes.ts'
import { ConnectionGuard } from './connection-guard.ts'
import { encrypt } from './encrypt.ts'
import { Post } from './post.ts'
import { closeStuckConnections } from './stuck-connections.ts'
import { TunnelListener } from './tunnel-listener.ts'
import { TunnelServer } from './tunnel-server.ts'

/** Bytes of answers a connection takes before its client has read them. */
const HIGH_WATER_MARK = 64 * 1024
/** Milliseconds between two polls that a connection outlives. */
const KEEP_ALIVE_TIMEOUT = 20_000
const MAX_HEADER_LENGTH = 8 * 1024
const MAX_HEADERS = 50

/** Binds; rejects with the system's error. Aborting `signal` later closes the listener. */
export async function listen(
  options: HttpTunnelOptions,
  accept: (connection: TunnelConnection) => void,
  signal: AbortSignal | undefined,
): Promise<TunnelListener> {
  const { host = '127.0.0.1', port = 8080, fd, tls, onError = ignore } = options
  const { maxConnections = 20_000, maxConnectionsPerAddress = 4_000, headersTimeout = 5_000 } = options
  signal?.throwIfAborted()
  const sessions = new TunnelServer({ ...options, accept })
  const server = await httpServer(sessions, atLeast(1, 'headersTimeout', headersTimeout))
  server.maxConnections = atLeast(1, 'maxConnections', maxConnections)
  if (tls !== undefined) encrypt(server, secureContextProvider(tls), HIGH_WATER_MARK, onError)
  const connections = new ConnectionGuard(server, atLeast(1, 'maxConnectionsPerAddress', maxConnectionsPerAddress))
  try {
    server.listen(fd === undefined ? { host, port } : { fd })
    await once(server, 'listening', signal && { signal })
  } catch (error) {
    server.close()
    signal?.throwIfAborted()
    throw error
  }
  server.on('error', onError)
  const listener = new TunnelListener(tls === undefined ? 'rtmpt' : 'rtmpts', server, sessions, connections)
  const close = (): void => void listener.close()
  signal?.addEventListener('abort', close, { once: true })
  server.once('close', () => signal?.removeEventListener('abort', close))
  return listener
}

/** An HTTP server that does nothing but tunnel. */
async function httpServer(sessions: TunnelServer, headersTimeout: number): Promise<Server> {
  let server: Server | undefined
  const app = fastify({
    serverFactory: (handler: RequestListener) => {
      const connectionsCheckingInterval = Math.min(1_000, headersTimeout)
      return (server = createServer({ ...SERVER_OPTIONS, headersTimeout, connectionsCheckingInterval }, handler))
    },
  })
  addTunnelRoutes(app, sessions)
  app.all('/*', {
    onRequest: (request, reply, done) => {
      reply.hijack()
      new Post(request.raw, reply.raw).reject(404, 'not found')
      done()
    },
    handler: ignore,
  })
  await app.ready()
  if (server === undefined) throw new Error('fastify made no server')
  server.maxHeadersCount = MAX_HEADERS
  closeStuckConnections(server)
  return server
}

/** A body has no deadline here: sessions have one, and a reader that does not keep up may make it last. */
const SERVER_OPTIONS = {
  noDelay: true,
  keepAlive: true,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
  requestTimeout: 0,
  maxHeaderSize: MAX_HEADER_LENGTH,
  highWaterMark: HIGH_WATER_MARK,
}

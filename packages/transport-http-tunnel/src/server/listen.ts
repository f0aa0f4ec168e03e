import type { FastifyInstance } from 'fastify'
import type { TunnelConnection } from '../connection.ts'
import { ignore } from '../ignore.ts'
import type { HttpTunnelOptions } from '../options.ts'
import { addTunnelRoutes } from './add-tunnel-routes.ts'
import type { Forwarding } from './forwarding.ts'
import { HttpServer } from './http-server.ts'
import { serveQuickly } from './quick-lines.ts'
import { ResponsePost } from './response-post.ts'
import { TunnelListener } from './tunnel-listener.ts'
import { TunnelServer } from './tunnel-server.ts'

/** Binds a server that does nothing but tunnel. Rejects with the system's error. Aborting `signal` later closes it. */
export async function listen(
  options: HttpTunnelOptions,
  accept: (connection: TunnelConnection) => void,
  signal: AbortSignal | undefined,
): Promise<TunnelListener> {
  signal?.throwIfAborted()
  const sessions = new TunnelServer({ ...options, accept })
  const server = await HttpServer.make(options, (app, forwarding) => addRoutes(app, sessions, forwarding))
  await server.listen(signal)
  const listener: TunnelListener = new TunnelListener(server, sessions, async () => {
    await server.close()
    signal?.removeEventListener('abort', close)
  })
  const close = (): void => void listener.close()
  signal?.addEventListener('abort', close, { once: true })
  return listener
}

function addRoutes(app: FastifyInstance, sessions: TunnelServer, forwarding: Forwarding): void {
  addTunnelRoutes(app, sessions, forwarding)
  serveQuickly(app, sessions)
  app.all('/*', {
    onRequest: (request, reply, done) => {
      reply.hijack()
      new ResponsePost(request.raw, reply.raw).reject(404, 'not found')
      done()
    },
    handler: ignore,
  })
}

import type { Server } from 'node:http'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { AcceptOptions } from '../options.ts'
import type { Accept } from './acceptor.ts'

/** Options of {@link webSocketRoutes}: what to do with connections, and who may connect. */
export interface WebSocketRoutesOptions extends AcceptOptions {
  readonly accept: Accept
}

/**
 * RTMP over WebSocket as a fastify plugin, to be registered beside your own routes, which stay what they are: an upgrade
 * that offers the subprotocol `rtmp` is taken at any path, or at `path`. `app.close()` cuts all connections.
 */
export const webSocketRoutes: FastifyPluginAsync<WebSocketRoutesOptions> = fp(
  async (app: FastifyInstance, { accept, ...options }: WebSocketRoutesOptions) => {
    const { attach } = await import('./attach.ts')
    const attachment = attach(app.server as Server, accept, options)
    app.addHook('preClose', async () => attachment.destroy())
  },
  { name: '@rtmpipe/transport-websocket', fastify: '5.x' },
)

import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { TunnelServerOptions } from './tunnel-server.ts'

/** Options of {@link tunnelRoutes}: what to do with sessions, and their limits. */
export interface TunnelRoutesOptions extends Omit<TunnelServerOptions, 'name' | 'colleagues'> {}

/**
 * The routes of RTMPT as a fastify plugin, to be registered beside your own. Requests are answered as soon as they are
 * routed: your `onRequest` hooks run before, parsers, validation and later hooks do not. `app.close()` ends all sessions.
 * The caller's address is fastify's `request.ip`, so that `trustProxy` is honoured.
 *
 * Give the server a `headersTimeout` of a few seconds, and a `keepAliveTimeout` of more than
 * `idleHold` of `TunnelLimits` and the client's pause between polls: a second is enough.
 */
export const tunnelRoutes: FastifyPluginAsync<TunnelRoutesOptions> = fp(
  async (app: FastifyInstance, options: TunnelRoutesOptions) => {
    // Whoever imports this may only want to dial.
    const [{ TunnelServer }, { addTunnelRoutes }] = await Promise.all([
      import('./tunnel-server.ts'),
      import('./add-tunnel-routes.ts'),
    ])
    const server = new TunnelServer(options)
    addTunnelRoutes(app, server)
    app.addHook('preClose', async () => server.destroy())
  },
  { name: '@rtmpipe/transport-http-tunnel', fastify: '5.x', encapsulate: true },
)

import type { FastifyInstance, FastifyPluginAsync, FastifyRequest, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { Post } from './post.ts'
import { type Origin, TunnelServer, type TunnelServerOptions } from './tunnel-server.ts'

/** Options of {@link tunnelRoutes}: what to do with sessions, and their limits. */
export interface TunnelRoutesOptions extends TunnelServerOptions {}

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
    const server = new TunnelServer(options)
    addTunnelRoutes(app, server)
    app.addHook('preClose', async () => server.destroy())
  },
  { name: '@rtmpipe/transport-http-tunnel', fastify: '5.x', encapsulate: true },
)

/** Routes requests to `server`. */
export function addTunnelRoutes(app: FastifyInstance, server: TunnelServer): void {
  post(app, '/open/:version', (request, post) => server.open(post, originOf(request)))
  post(app, '/send/:id/:sequence', (request, post) => {
    const { id = '', sequence = '' } = request.params as Parameters
    server.receive('send', id, sequence, post, request.ip)
  })
  // HaishinKit misspells it.
  for (const path of ['/idle/:id/:sequence', '/idel/:id/:sequence']) {
    post(app, path, (request, post) => {
      const { id = '', sequence = '' } = request.params as Parameters
      server.receive('idle', id, sequence, post, request.ip)
    })
  }
  // Some clients leave out the number, or the id.
  for (const path of ['/close', '/close/:id', '/close/:id/:sequence']) {
    post(app, path, (request, post) => {
      const { id = '', sequence = '' } = request.params as Parameters
      server.close(id, sequence, post, request.ip)
    })
  }
  for (const path of ['/fcs/ident', '/fcs/ident2']) post(app, path, (_, post) => server.identify(post))
}

interface Parameters {
  readonly id?: string
  readonly sequence?: string
}

/**
 * Takes the request over before fastify looks at its body: any content type will do, none is parsed, and a body is read
 * only as fast as the session reads.
 */
function post(app: FastifyInstance, url: string, take: (request: FastifyRequest, post: Post) => void): void {
  const onRequest: onRequestHookHandler = (request, reply, done) => {
    reply.hijack()
    take(request, new Post(request.raw, reply.raw))
    done()
  }
  app.post(url, { onRequest, handler: unreachable })
}

function unreachable(): never {
  throw new Error('a hijacked request has no handler')
}

function originOf(request: FastifyRequest): Origin {
  const { remoteAddress = '', remotePort = 0 } = request.socket
  const address = request.ip ?? remoteAddress
  return {
    address,
    port: address === remoteAddress ? remotePort : 0,
    secure: request.protocol === 'https',
  }
}

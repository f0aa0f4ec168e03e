import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { Forwarding } from './forwarding.ts'
import { originOf } from './origin.ts'
import type { Post } from './post.ts'
import { ResponsePost } from './response-post.ts'
import type { TunnelServer } from './tunnel-server.ts'

/**
 * Routes requests to `server`.
 *
 * @param forwarding tells whom they come from; without it fastify does, by its own option `trustProxy`
 */
export function addTunnelRoutes(app: FastifyInstance, server: TunnelServer, forwarding?: Forwarding): void {
  post(app, '/open/:version', (request, post) => server.open(post, originOf(request, forwarding)))
  post(app, '/send/:id/:sequence', (request, post) => {
    const { id = '', sequence = '' } = request.params as Parameters
    server.receive('send', id, sequence, post, originOf(request, forwarding))
  })
  // HaishinKit misspells it.
  for (const path of ['/idle/:id/:sequence', '/idel/:id/:sequence']) {
    post(app, path, (request, post) => {
      const { id = '', sequence = '' } = request.params as Parameters
      server.receive('idle', id, sequence, post, originOf(request, forwarding))
    })
  }
  // Some clients leave out the number, or the id.
  for (const path of ['/close', '/close/:id', '/close/:id/:sequence']) {
    post(app, path, (request, post) => {
      const { id = '', sequence = '' } = request.params as Parameters
      server.close(id, sequence, post, originOf(request, forwarding))
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
    take(request, new ResponsePost(request.raw, reply.raw))
    done()
  }
  app.post(url, { onRequest, handler: unreachable })
}

function unreachable(): never {
  throw new Error('a hijacked request has no handler')
}

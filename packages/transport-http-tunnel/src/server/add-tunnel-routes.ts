import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { Post } from './post.ts'
import { ResponsePost } from './response-post.ts'
import type { Origin, TunnelServer } from './tunnel-server.ts'

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
    take(request, new ResponsePost(request.raw, reply.raw))
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

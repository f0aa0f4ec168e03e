import type { FastifyInstance } from 'fastify'
import { addLogin } from '../access/login.ts'
import { TokenAccess } from '../access/token-access.ts'
import type { House, Mount } from '../mount.ts'
import { problemErrorHandler } from '../problem/answer-problem.ts'
import { bodyDeadline } from './body-deadline.ts'
import { securityHeaders } from './security-headers.ts'

const mark = Symbol('rtmpipe.guarded')

/**
 * A mount with security headers, errors as problem documents and a deadline for bodies, in whatever fastify server it is
 * registered, and nothing of that for the rest of the server. All mounts of {@link http} have that.
 *
 * @example
 * ```ts
 * const own = house({ token: process.env.TOKEN })
 * const server = createServer({ transports: [tcp()], plugins: [own] })
 * await server.listen()
 * await app.register(health(), own)
 * ```
 *
 * @param login true of pages for browsers, who log in for them: adds the routes of sessions. Default false
 */
export function guarded(mount: Mount, { login = false }: { readonly login?: boolean } = {}): Mount {
  return async (app, house) => {
    guard(app, house)
    if (login && house.access instanceof TokenAccess) await addLogin(app, house.access)
    await app.register(mount, house)
  }
}

function guard(app: FastifyInstance, house: House): void {
  // What is mounted in a house is guarded by it already.
  if (app.hasDecorator(mark)) return
  app.decorate(mark, true)
  app.addHook('onRequest', async (_request, reply) => void reply.headers(securityHeaders))
  app.addHook('onRequest', bodyDeadline())
  // Bodies are JSON: what a form of another site can send is none.
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler(problemErrorHandler(house.host.log))
}

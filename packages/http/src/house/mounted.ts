import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { addLogin } from '../access/login.ts'
import { TokenAccess } from '../access/token-access.ts'
import type { House, Mount } from '../mount.ts'
import { problemErrorHandler } from '../problem/answer-problem.ts'
import { bodyDeadline } from './body-deadline.ts'
import { securityHeaders } from './security-headers.ts'

/**
 * A mount as a plugin of fastify, for a server of your own: with the security headers, errors as problem documents and the
 * deadline for bodies that it has in a house, and nothing of that for the rest of your server.
 *
 * @example
 * ```ts
 * const house = watchHouse({ token: process.env.TOKEN })
 * const server = createServer({ transports: [tcp()], plugins: [house] })
 * await server.listen()
 * await app.register(mounted(health(), house))
 * ```
 *
 * @param house of a server that has been set up: `await server.listen()` comes first
 */
export function mounted(mount: Mount, house: House): FastifyPluginAsync {
  return async (app: FastifyInstance) => {
    app.addHook('onRequest', async (_request, reply) => void reply.headers(securityHeaders))
    app.addHook('onRequest', bodyDeadline())
    // Bodies are JSON: what a form of another site can send is none.
    app.removeContentTypeParser('text/plain')
    app.setErrorHandler(problemErrorHandler(house.host.log))
    if (mount.login === true && house.access instanceof TokenAccess) await addLogin(app, house.access)
    await mount.register(app, house)
  }
}

import type { FastifyInstance } from 'fastify'
import { ProblemError } from '../problem/problem-error.ts'
import { setSessionCookie } from './session-cookie.ts'
import type { TokenAccess } from './token-access.ts'

/** Bytes of the body of a login: a token, in JSON. */
const bodyLimit = 4_096

/**
 * Sessions of browsers: `POST /admin/login` with a `token` in JSON gives the cookie, `GET /admin/session` tells the role
 * and what to send as `X-CSRF-Token`, `POST /admin/logout` ends the session.
 */
export async function addLogin(app: FastifyInstance, access: TokenAccess): Promise<void> {
  app.post('/admin/login', { bodyLimit }, async (request, reply) => {
    const token = (request.body as { readonly token?: unknown } | null | undefined)?.token
    if (typeof token !== 'string' || token === '')
      throw new ProblemError(400, 'the body has to be JSON with the token: {"token":"…"}', { field: 'token' })
    const { id, session } = access.login(request, token)
    setSessionCookie(request, reply, id)
    return { role: session.role, csrf: session.csrf }
  })
  app.get('/admin/session', async request => {
    const session = access.session(request)
    if (session === undefined) throw new ProblemError(401, 'not logged in, or no longer: POST /admin/login')
    return { role: session.role, csrf: session.csrf }
  })
  app.post('/admin/logout', { bodyLimit }, async (request, reply) => {
    access.logout(request)
    setSessionCookie(request, reply, undefined)
    return reply.code(204).send()
  })
}

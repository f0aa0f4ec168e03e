import type { FastifyRequest } from 'fastify'
import { isSameOrigin } from '../access/same-origin.ts'
import { ProblemError } from '../problem/problem-error.ts'

/**
 * Clients of other servers know no Bearer tokens, but name and password, also in the URL (`http://any:TOKEN@host/stat`):
 * the password is the token then.
 */
export async function passwordIsToken(request: FastifyRequest): Promise<void> {
  const { headers } = request
  const [, encoded] = /^basic +([a-z0-9+/=_-]+)$/i.exec(headers.authorization ?? '') ?? []
  if (encoded === undefined) return
  // Browsers keep passwords, and send them along on their own.
  checkOrigin(request)
  const [, password = ''] = /^[^:]*:([^]*)$/.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  headers.authorization = `Bearer ${password}`
}

/** Where something changes by a mere GET, a cookie does not count: browsers send it along on their own. */
export async function noCookies(request: FastifyRequest): Promise<void> {
  checkOrigin(request)
  delete request.headers.cookie
}

/** @throws ProblemError for what a page of another site has a browser send */
function checkOrigin(request: FastifyRequest): void {
  if (!isSameOrigin(request)) throw new ProblemError(403, 'this comes from a page of another site')
}

import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Clients of other servers know no Bearer tokens, but name and password, also in the URL (`http://any:TOKEN@host/stat`):
 * the password is the token then.
 */
export async function passwordIsToken({ headers }: FastifyRequest): Promise<void> {
  const [, encoded] = /^basic +([a-z0-9+/=_-]+)$/i.exec(headers.authorization ?? '') ?? []
  if (encoded === undefined) return
  const [, password = ''] = /^[^:]*:([^]*)$/.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  headers.authorization = `Bearer ${password}`
}

/**
 * Where something changes by a mere GET, a cookie does not count, which browsers send along on their own, and nor does
 * what another site has a browser send.
 */
export async function noBrowsers(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  delete request.headers.cookie
  const site = request.headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return
  await reply.code(403).type('text/plain; charset=utf-8').send('refused: sent by a page of another site\n')
}

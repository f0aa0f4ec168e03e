import type { FastifyReply, FastifyRequest } from 'fastify'

/** The prefix makes browsers refuse one that was not set by this host, for all of it, over TLS. */
const names = { https: '__Host-rtmpipe', http: 'rtmpipe' } as const

function nameFor(request: FastifyRequest): string {
  return names[request.protocol === 'https' ? 'https' : 'http']
}

/** The id of the session in the cookie of a request, if it has one. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const name = nameFor(request)
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

/** Gives the browser the id, or takes it back. It ends with the browser, or with the session. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, id: string | undefined): void {
  const secure = request.protocol === 'https' ? '; Secure' : ''
  const age = id === undefined ? '; Max-Age=0' : ''
  reply.header('Set-Cookie', `${nameFor(request)}=${id ?? ''}; Path=/; HttpOnly; SameSite=Strict${secure}${age}`)
}

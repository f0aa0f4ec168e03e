import type { FastifyInstance, FastifyReply } from 'fastify'
import { securityHeaders } from './security-headers.ts'

const text = 'not found\n'

/**
 * Answers 404 to whatever nobody has mounted, as soon as it is routed, and closes the connection: the rest of the request
 * is not read.
 */
export function addNotFound(app: FastifyInstance): void {
  const onRequest = (_request: unknown, reply: FastifyReply) => {
    reply.hijack()
    reply.raw.writeHead(404, {
      ...securityHeaders,
      'Content-Type': 'text/plain',
      'Content-Length': String(text.length),
      Connection: 'close',
    })
    reply.raw.end(text)
  }
  // Fastify runs any hook of a handler for what is not found; its types know of two.
  app.setNotFoundHandler({ onRequest } as object, () => {})
}

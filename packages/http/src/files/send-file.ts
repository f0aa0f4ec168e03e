import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BuiltFile } from './built-files.ts'

/** How long browsers may keep a file: never, as long as the server says that it is the same, or for ever. */
export type Keeping = 'no-store' | 'no-cache' | 'public, max-age=31536000, immutable'

/** @param policy the content security policy, of a page */
export function sendFile(
  file: BuiltFile,
  request: FastifyRequest,
  reply: FastifyReply,
  keeping: Keeping,
  policy: string,
): FastifyReply {
  void reply.headers({
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': keeping,
    vary: 'accept-encoding',
    etag: file.etag,
  })
  if (keeping !== 'no-store' && request.headers['if-none-match'] === file.etag) return reply.code(304).send()
  void reply.type(file.type)
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(file.bytes)
  return reply.header('content-encoding', 'gzip').send(file.compressed)
}

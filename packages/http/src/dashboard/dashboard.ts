import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { folder } from '@rtmpipe/web'
import { guarded } from '../house/guarded.ts'
import type { Mount } from '../mount.ts'
import { type BuiltFile, builtFiles } from './built-files.ts'

/** Nothing comes from elsewhere, and nothing that stands in the page or in a `data:` URL is run. */
const policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

/**
 * The dashboard under `/admin`: streams, viewers, refusals, relays and recordings as they change, and the means to end,
 * record, relay and drain. The page itself has no secrets and asks for the admin token; everything that it shows and does
 * goes through `api()`, which has to be mounted too.
 */
export function dashboard(): Mount {
  return guarded(addPages, { login: true })
}

async function addPages(app: FastifyInstance): Promise<void> {
  for (const file of await builtFiles(folder)) {
    const handler = (request: FastifyRequest, reply: FastifyReply): FastifyReply => send(file, request, reply)
    const paths = file.path === 'index.html' ? ['/admin', '/admin/'] : [`/admin/${file.path}`]
    for (const path of paths) app.get(path, handler)
  }
}

function send(file: BuiltFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isPage = file.path === 'index.html'
  void reply.headers({
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // Names of all other files change with what is in them.
    'cache-control': isPage ? 'no-store' : 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
    etag: file.etag,
  })
  if (!isPage && request.headers['if-none-match'] === file.etag) return reply.code(304).send()
  void reply.type(file.type)
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(file.bytes)
  return reply.header('content-encoding', 'gzip').send(file.compressed)
}

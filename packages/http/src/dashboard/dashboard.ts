import type { FastifyInstance } from 'fastify'
import { folder } from '@rtmpipe/web'
import { builtFiles } from '../files/built-files.ts'
import { sendFile } from '../files/send-file.ts'
import { guarded } from '../house/guarded.ts'
import type { Mount } from '../mount.ts'

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
    const isPage = file.path === 'index.html'
    // Names of all other files change with what is in them.
    const keeping = isPage ? 'no-store' : 'public, max-age=31536000, immutable'
    for (const path of isPage ? ['/admin', '/admin/'] : [`/admin/${file.path}`])
      app.get(path, (request, reply) => sendFile(file, request, reply, keeping, policy))
  }
}

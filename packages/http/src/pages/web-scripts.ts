import type { FastifyInstance } from 'fastify'
import { browserFolder } from '@rtmpipe/web'
import { builtFiles } from '../files/built-files.ts'
import { sendFile } from '../files/send-file.ts'
import { guarded } from '../house/guarded.ts'
import type { Mount } from '../mount.ts'

/** That of the worker, which has a policy of its own: a page may play from another host than the one it came from. */
const policy = "default-src 'self'; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'"

/**
 * What pages import: `/rtmpipe/web.js` (`connect`, `Player`, `Publisher`), `/rtmpipe/elements.js` (`<rtmpipe-player>`,
 * `<rtmpipe-publisher>`) and the worker beside them. For pages of your own; {@link pages} has it already.
 */
export function webScripts(): Mount {
  return guarded(addWebScripts)
}

/** The routes alone. */
export async function addWebScripts(app: FastifyInstance): Promise<void> {
  // Their types are beside them.
  for (const file of await builtFiles(browserFolder, '.js')) {
    const path = `/rtmpipe/${file.path === 'rtmpipe.js' ? 'web.js' : file.path}`
    // The name of what they share changes with what is in it; theirs are in users' pages, and stay.
    const keeping = file.path.startsWith('shared-') ? 'public, max-age=31536000, immutable' : 'no-cache'
    app.get(path, (request, reply) => sendFile(file, request, reply, keeping, policy))
  }
}

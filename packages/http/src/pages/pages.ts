import type { FastifyInstance } from 'fastify'
import { pagesFolder } from '@rtmpipe/web'
import { builtFiles } from '../files/built-files.ts'
import { sendFile } from '../files/send-file.ts'
import { hasExtensionRoutes } from '../house/extension-routes.ts'
import { guarded } from '../house/guarded.ts'
import type { House, Mount } from '../mount.ts'
import { VisibleStreams } from './visible-streams.ts'
import { addWebScripts } from './web-scripts.ts'

/** Nothing comes from elsewhere, nothing that stands in the page is run, and what is played is made in the page. */
const policy =
  "default-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

/**
 * Pages for everybody: `/` with the live streams that the viewer may see, a player for each under `/watch`, `/publish` from
 * camera, microphone or screen, and what {@link webScripts} serves. Gates decide who may play and publish; a stream is in
 * the list when they let that viewer play it as the request came, without a key. The server needs a WebSocket transport
 * on the same port. Browsers without WebCodecs play FLV over HTTP or HLS, where that is mounted on the port.
 */
export function pages(): Mount {
  return guarded(addPages)
}

async function addPages(app: FastifyInstance, house: House): Promise<void> {
  for (const file of await builtFiles(pagesFolder)) {
    const isPage = file.path === 'index.html'
    // Names of all other files change with what is in them.
    const keeping = isPage ? 'no-cache' : 'public, max-age=31536000, immutable'
    for (const path of isPage ? ['/', '/watch/*', '/publish'] : [`/rtmpipe/pages/${file.path}`])
      app.get(path, (request, reply) => sendFile(file, request, reply, keeping, policy))
  }
  const visible = new VisibleStreams(house)
  app.get('/rtmpipe/streams', async request => ({ streams: await visible.of(request) }))
  // Mounts may come after this one.
  app.get('/rtmpipe/views', async () => ({
    flv: hasExtensionRoutes(app, 'flv'),
    hls: hasExtensionRoutes(app, 'm3u8'),
  }))
  await addWebScripts(app)
}

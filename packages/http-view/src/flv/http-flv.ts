import type { Server } from 'node:http'
import { guarded, type Mount } from '@rtmpipe/http'
import { addViewRoutes, extensionOf } from '../access/view-routes.ts'
import { FlvPacker } from './flv-packer.ts'
import { checkHttpFlvOptions, type HttpFlvOptions } from './options.ts'

/** In URLs, without its dot. */
const extension = 'flv'

/**
 * Viewers of FLV: `GET /APP/NAME.flv` over HTTP, and the same path over WebSocket. They pass the gates of players, and are
 * limited, counted and ended like them. `?audio=0` and `?video=0` leave one of the two out.
 *
 * @example
 * ```ts
 * const web = http({ port: 8080, mount: [httpFlv({ origins: ['https://example.com'] })] })
 * const server = createServer({ transports: [tcp()], plugins: [web] })
 * ```
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that are none, and for what is no origin
 */
export function httpFlv(options: HttpFlvOptions = {}): Mount {
  checkHttpFlvOptions(options)
  // Of all ports that it is mounted on.
  const packer = new FlvPacker()
  return guarded(async (app, { host }) => {
    // `ws` is loaded by who serves viewers.
    const [{ FlvDoor }, { Upgrades }] = await Promise.all([import('./flv-door.ts'), import('./upgrades.ts')])
    const upgrades = new Upgrades()
    const door = new FlvDoor(host, options, upgrades, packer)
    addViewRoutes(app, extension, (request, reply) => door.answer(request, reply))
    const stop = upgrades.serve(app.server as Server, ({ url = '' }) => extensionOf(url) === extension)
    app.addHook('onClose', async () => stop())
  })
}

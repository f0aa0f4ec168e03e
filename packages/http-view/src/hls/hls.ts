import { guarded, type Mount } from '@rtmpipe/http'
import type { Host } from '@rtmpipe/session'
import { addViewRoutes } from '../access/view-routes.ts'
import type { HlsOptions } from './hls-options.ts'
import { hlsSettings } from './options.ts'
import { HlsService } from './serve/hls-service.ts'

const extensions = ['m3u8', 'm4s', 'mp4', 'ts']

/**
 * HLS and low-latency HLS: `GET /APP/STREAM/index.m3u8`, and beside it media playlists, segments and parts. Streams are cut
 * from the first viewer on, and as long as there are any.
 *
 * @example
 * ```ts
 * const web = http({ port: 8080, mount: [hls({ segmentDuration: 1_000 })] })
 * const server = createServer({ transports: [tcp()], plugins: [web] })
 * ```
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist or make no sense
 */
export function hls(options: HlsOptions = {}): Mount {
  const settings = hlsSettings(options)
  // Ports of one server share what is cut, and tokens.
  const services = new WeakMap<Host, HlsService>()
  return guarded(async (app, { host }) => {
    const service = services.get(host) ?? new HlsService(host, settings)
    services.set(host, service)
    await service.open()
    app.addHook('onClose', () => service.closed())
    for (const extension of extensions) {
      addViewRoutes(app, extension, (request, reply) => service.handle(request, reply))
    }
  })
}

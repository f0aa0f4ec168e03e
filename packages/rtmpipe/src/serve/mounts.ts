import type { MetricsOptions, Mount } from '@rtmpipe/http'
import type { ServeConfig } from '../sections/index.ts'

/**
 * What is reachable on the HTTP ports of `rtmpipe serve`, beside the tunnel.
 *
 * @param others metrics of the other workers, if there are any
 */
export async function mounts(config: ServeConfig, others: MetricsOptions['others']): Promise<readonly Mount[]> {
  const { api, dashboard, health, metrics, pages, statsCompat } = await import('@rtmpipe/http')
  const compat = config.statsCompat === true ? [statsCompat()] : []
  const forAll = config.web ? [pages()] : []
  const ofMetrics = metrics({ ...config.metrics, ...(others && { others }) })
  return [health(), api(), dashboard(), ofMetrics, ...compat, ...forAll, ...(await viewers(config))]
}

/** For those who watch over HTTP. */
async function viewers({ hls: options, origins }: ServeConfig): Promise<readonly Mount[]> {
  if (options === undefined) return []
  const { hls } = await import('@rtmpipe/http-view')
  return [hls({ ...options, origins })]
}

/** What is reachable there for viewers, at each worker. */
export async function viewMounts(config: ServeConfig): Promise<readonly Mount[]> {
  const { httpFlv, origins } = config
  if (httpFlv === undefined) return []
  const view = await import('@rtmpipe/http-view')
  const { publishWait, ...options } = httpFlv
  const wait = publishWait === undefined ? {} : { publishWait: publishWait === 'off' ? Infinity : publishWait * 1_000 }
  return [view.httpFlv({ ...options, ...wait, origins })]
}

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
  return [hls({ ...options, origins: origins?.includes('*') ? '*' : origins })]
}

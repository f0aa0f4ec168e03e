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
  return [health(), api(), dashboard(), metrics({ ...config.metrics, ...(others && { others }) }), ...compat, ...forAll]
}

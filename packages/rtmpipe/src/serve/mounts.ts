import type { MetricsOptions, Mount } from '@rtmpipe/http'
import type { ServeConfig } from '../sections/index.ts'

/**
 * What is reachable on the HTTP ports of `rtmpipe serve`, beside the tunnel.
 *
 * @param others metrics of the other workers, if there are any
 */
export async function mounts(config: ServeConfig, others: MetricsOptions['others']): Promise<readonly Mount[]> {
  const { api, health, metrics } = await import('@rtmpipe/http')
  return [health(), api(), metrics({ ...config.metrics, ...(others && { others }) })]
}

import type { Mount } from '@rtmpipe/http'
import type { ServeConfig } from '../sections/index.ts'

/** What is reachable on the HTTP ports of `rtmpipe serve`, beside the tunnel. */
export async function mounts(_config: ServeConfig): Promise<readonly Mount[]> {
  const { health } = await import('@rtmpipe/http')
  return [health()]
}

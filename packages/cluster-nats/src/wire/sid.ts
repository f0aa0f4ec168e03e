import { createHmac } from 'node:crypto'
import { type StreamKey, streamKey } from '@rtmpipe/session'

/** Characters of a {@link sidOf}. */
export const sidLength = 22

/**
 * What a stream is called in the network: of the same length for all, and without the name, which is often a secret. Who
 * does not have the cluster's secret can neither read the name nor try names out.
 */
export function sidOf(secret: string | Uint8Array, key: StreamKey): string {
  return createHmac('sha256', secret).update(streamKey(key)).digest('base64url').slice(0, sidLength)
}

import { lookup } from 'node:dns/promises'
import type { Endpoint } from './wire/address.ts'

const DEFAULT_PORT = 1935

/** The URL given to `dial` is not one that RTMFP can reach. */
export class RtmfpUrlError extends TypeError {
  override readonly name = 'RtmfpUrlError'
  readonly code = 'RTMP_ERR_TRANSPORT_URL'
}

/**
 * Where a URL points: every address of its host, with its port or RTMP's default.
 *
 * @throws RtmfpUrlError for a URL that is not `rtmfp:` or has no host, the system's error (`ENOTFOUND`)
 */
export async function dialTarget(url: URL): Promise<readonly Endpoint[]> {
  if (url.protocol !== 'rtmfp:') throw new RtmfpUrlError(`rtmfp dials rtmfp:, not ${url.protocol}`)
  const host = decodeURIComponent(url.hostname).replaceAll(/^\[|\]$/g, '')
  if (host === '') throw new RtmfpUrlError('URL has no valid host to dial')
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
  const addresses = await lookup(host, { all: true })
  return addresses.map(({ address }) => ({ address, port }))
}

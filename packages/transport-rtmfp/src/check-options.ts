import { UsageError } from '@rtmpipe/chunk-stream'
import { groups as known, isGroup } from './crypto/diffie-hellman.ts'
import type { RtmfpOptions } from './options.ts'

const MOST_PORT = 65_535

/** @throws UsageError `RTMP_ERR_USAGE` for a port or groups that can not be */
export function checkOptions({ port = 0, groups }: RtmfpOptions): void {
  if (!Number.isInteger(port) || port < 0 || port > MOST_PORT)
    throw new UsageError('RTMP_ERR_USAGE', `rtmfp: port should be a number from 0 to ${MOST_PORT}, and is ${port}`)
  if (groups === undefined) return
  const isKnown = Array.isArray(groups) && groups.length > 0 && groups.every(isGroup)
  if (isKnown) return
  const [expected, given] = [known.join(', '), JSON.stringify(groups)]
  throw new UsageError('RTMP_ERR_USAGE', `rtmfp: groups should be one or more of ${expected}, and is ${given}`)
}

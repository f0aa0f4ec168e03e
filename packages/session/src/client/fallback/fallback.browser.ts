import { UsageError } from '@rtmpipe/chunk-stream'

/** @throws UsageError `RTMP_ERR_USAGE`, always */
function noOtherWay(): never {
  throw new UsageError('RTMP_ERR_USAGE', 'fallback: in a browser there is one way to a server, by WebSocket')
}

export { noOtherWay as FallbackList, noOtherWay as firstToAnswer }

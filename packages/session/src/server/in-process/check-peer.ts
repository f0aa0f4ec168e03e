import { UsageError } from '@rtmpipe/chunk-stream'
import { checkOptions } from '../../contract/check-options.ts'
import type { InProcessPeer, InProcessPlayer, InProcessPublisher } from '../../contract/in-process.ts'

// A record, so that the compiler finds an option that is missing here.
const known: Record<keyof (InProcessPlayer & InProcessPublisher), true> = {
  transport: true,
  secure: true,
  remote: true,
  gathers: true,
  request: true,
  query: true,
  tcUrl: true,
  flashVer: true,
  commandObject: true,
  signal: true,
  start: true,
  duration: true,
  follow: true,
  type: true,
}

/** @throws UsageError `RTMP_ERR_USAGE` when it is not said who plays or publishes, and for options that do not exist */
export function checkInProcessPeer(who: InProcessPeer): void {
  if (typeof (who as InProcessPeer | undefined)?.transport !== 'string' || typeof who.remote?.address !== 'string') {
    const example = "{ transport: 'http', remote: { address, port } }"
    throw new UsageError('RTMP_ERR_USAGE', `play() and publish() need to know who it is, for example ${example}`)
  }
  checkOptions('play() and publish()', who, known)
}

import { ProtocolError, RtmpError } from '@rtmpipe/chunk-stream'

/** Another node has sent what no node of this version sends: it is not taken, and nothing else suffers. */
export class FrameError extends ProtocolError {
  override readonly name = 'FrameError'

  constructor(message: string) {
    super('message', 'RTMP_ERR_CLUSTER_FRAME', message)
  }
}

/** A bucket of names is so old, or has seen so many writes, that its claims can not be numbered: make it anew. */
export class EpochError extends RtmpError {
  override readonly name = 'EpochError'

  constructor(message: string) {
    super('RTMP_ERR_CLUSTER_EPOCH', message)
  }
}

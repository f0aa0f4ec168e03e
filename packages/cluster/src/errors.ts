import { RtmpError } from '@rtmpipe/chunk-stream'

/** The process that publishes a stream is gone, or no longer sends it here. What is still published can be joined again. */
export class StreamLostError extends RtmpError {
  override readonly name = 'StreamLostError'

  constructor(message: string, options?: ErrorOptions) {
    super('RTMP_ERR_STREAM_LOST', message, options)
  }
}

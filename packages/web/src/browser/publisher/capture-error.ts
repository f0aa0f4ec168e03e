import { RtmpError } from '@rtmpipe/chunk-stream'

/** Pictures or sound can't be taken or encoded here; the message is a sentence for whoever sits before the page. */
export class CaptureError extends RtmpError {
  override readonly name = 'CaptureError'

  constructor(code: 'RTMP_ERR_ENCODER' | 'RTMP_ERR_CAPTURE', message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

import { RtmpError } from '@rtmpipe/chunk-stream'

/** Nobody answered for the directory of names: what was asked may have been done or not. */
export class DirectoryDownError extends RtmpError {
  override readonly name = 'DirectoryDownError'

  constructor(message: string, options?: ErrorOptions) {
    super('RTMP_ERR_DIRECTORY_DOWN', message, options)
  }
}

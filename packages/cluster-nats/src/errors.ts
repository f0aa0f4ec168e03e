import { RtmpError } from '@rtmpipe/chunk-stream'

/** Nobody answered for the directory of names: what was asked may have been done or not. */
export class DirectoryDownError extends RtmpError {
  override readonly name: string = 'DirectoryDownError'

  constructor(message: string, options?: ErrorOptions) {
    super('RTMP_ERR_DIRECTORY_DOWN', message, options)
  }
}

/** The NATS user of this node has no right to the directory of names: the node can have players only. */
export class NoDirectoryRightError extends DirectoryDownError {
  override readonly name = 'NoDirectoryRightError'

  constructor(options?: ErrorOptions) {
    super(
      'the NATS user of this node may not claim names, so it takes no publishers: give it the rights of a node in the permissions of NATS, or have it serve players only',
      options,
    )
  }
}

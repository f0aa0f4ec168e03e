/** Every way recording fails by itself; errors of the disk come through as Node makes them. Stable, so match on it. */
export type RecordErrorCode =
  /** An option of the recorder that makes no sense. */
  | 'RTMP_ERR_RECORD_OPTION'
  /** The file could not be opened in time: the disk does not answer. */
  | 'RTMP_ERR_RECORD_OPEN'
  /** MP4 has no place for this codec, or the stream does not say enough about it. */
  | 'RTMP_ERR_RECORD_CODEC'
  /** Too many bytes since the last keyframe: MP4 holds them until the next one. */
  | 'RTMP_ERR_RECORD_FRAGMENT'
  /** A file that can not be repaired: not a recording, or damaged before its end. */
  | 'RTMP_ERR_RECORD_DAMAGED'
  /** A file without a single frame: there is nothing to repair. */
  | 'RTMP_ERR_RECORD_EMPTY'

/** The recorder's own error. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
  /** Stable identifier, for example `RTMP_ERR_RECORD_CODEC`. */
  readonly code: RecordErrorCode

  constructor(code: RecordErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

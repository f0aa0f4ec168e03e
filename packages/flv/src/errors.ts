/** Every way reading or writing FLV can fail; stable, so match on it. */
export type FlvErrorCode =
  /** The bytes do not begin with an FLV file header: this is another kind of file, or an empty one. */
  | 'RTMP_ERR_FLV_HEADER'
  /**
   * A tag larger than the reader allows, or than the 16,777,215 bytes that can be written; writing a value that a tag has
   * no room for, such as track 256.
   */
  | 'RTMP_ERR_FLV_TAG_SIZE'
  /** Writing a message that is neither audio, video nor data. */
  | 'RTMP_ERR_FLV_MESSAGE_TYPE'
  /** Writing past the last timestamp FLV has: 2,147,483,647 ms, 24.8 days. */
  | 'RTMP_ERR_FLV_TIMESTAMP'

/** The only error that reading or writing FLV raises. */
export class FlvError extends Error {
  override readonly name: string = 'FlvError'
  /** Stable identifier, for example `RTMP_ERR_FLV_HEADER`. */
  readonly code: FlvErrorCode

  constructor(code: FlvErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

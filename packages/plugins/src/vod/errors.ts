/**
 * Every way a file can fail to be played; errors of the disk come through as Node makes them. Stable, so match on it.
 */
export type VodErrorCode =
  /** An option that makes no sense. */
  | 'RTMP_ERR_VOD_OPTION'
  /** The file is not what its extension says, or damaged. */
  | 'RTMP_ERR_VOD_FILE'
  /** The file has neither audio nor video that RTMP has a place for, or one of them is encrypted. */
  | 'RTMP_ERR_VOD_CODEC'

/** The plugin's own error. */
export class VodError extends Error {
  override readonly name = 'VodError'
  /** Stable identifier, for example `RTMP_ERR_VOD_FILE`. */
  readonly code: VodErrorCode

  constructor(code: VodErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Every way reading or writing AMF can fail; stable, so match on it. */
export type AmfErrorCode =
  /** The bytes end inside a value. */
  | 'RTMP_ERR_AMF_TRUNCATED'
  /** A marker that is reserved or unknown. */
  | 'RTMP_ERR_AMF_MARKER'
  /** AMF3: an externalizable object whose class has no codec, or whose codec failed (its error is the `cause`). */
  | 'RTMP_ERR_AMF_EXTERNALIZABLE'
  /** An object end (0x09) that does not follow an empty key. */
  | 'RTMP_ERR_AMF_OBJECT_END'
  /** A reference to an object, string or traits that have not been seen, or (writing) to one past index 65,535. */
  | 'RTMP_ERR_AMF_REFERENCE'
  /** Writing a key or class name of more than 65,535 bytes. */
  | 'RTMP_ERR_AMF_KEY_LENGTH'
  /**
   * Writing something AMF, or this version of it, has no type for: a function, a bigint, a Map, an instance of a class;
   * bytes in AMF0, {@link Unsupported} in AMF3.
   */
  | 'RTMP_ERR_AMF_VALUE'
  /** {@link AmfLimits.depth} crossed. */
  | 'RTMP_ERR_AMF_DEPTH'
  /** {@link AmfLimits.elements} crossed. */
  | 'RTMP_ERR_AMF_ELEMENTS'
  /** {@link AmfLimits.stringLength} crossed. */
  | 'RTMP_ERR_AMF_STRING_LENGTH'
  /** {@link AmfLimits.arrayLength} crossed. */
  | 'RTMP_ERR_AMF_ARRAY_LENGTH'
  /** {@link AmfLimits.byteLength} crossed. */
  | 'RTMP_ERR_AMF_BYTE_LENGTH'
  /** A limit that is not a number of zero or more, or a depth above 256. */
  | 'RTMP_ERR_AMF_LIMITS'

/** The only error that reading or writing AMF raises. */
export class AmfError extends Error {
  override readonly name: string = 'AmfError'
  /** Stable identifier, for example `RTMP_ERR_AMF_TRUNCATED`. */
  readonly code: AmfErrorCode

  constructor(code: AmfErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

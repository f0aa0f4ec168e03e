import { AmfError } from './errors.ts'

/** The parts of an AMF3 shared object message. */
export interface SharedObjectBody {
  /** How its values are encoded: 0 as AMF0, which may switch to AMF3; 3 as AMF3. */
  readonly objectEncoding: 0 | 3
  /** All after the first byte, as in an AMF0 shared object message (type 19); not copied. */
  readonly bytes: Uint8Array
}

/**
 * Takes the encoding off an AMF3 shared object message (type 16); read the values inside with an {@link Amf0Reader} or
 * {@link Amf3Reader}. To write one, put a 0 before the body of type 19. Throws {@link AmfError} `RTMP_ERR_AMF_TRUNCATED`
 * without a first byte, and `RTMP_ERR_AMF_MARKER` when it is neither 0 nor 3.
 */
export function splitSharedObjectBody(body: Uint8Array): SharedObjectBody {
  const objectEncoding = body[0]
  if (objectEncoding === undefined) throw new AmfError('RTMP_ERR_AMF_TRUNCATED', 'shared object message without a body')
  if (objectEncoding !== 0 && objectEncoding !== 3) {
    throw new AmfError('RTMP_ERR_AMF_MARKER', `shared object message in encoding ${objectEncoding}`)
  }
  return { objectEncoding, bytes: body.subarray(1) }
}

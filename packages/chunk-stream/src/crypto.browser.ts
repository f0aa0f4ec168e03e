import { UsageError } from './errors.ts'

/** Bytes that nobody can foresee; at most 65,536 at a time. */
export function randomBytes(length: number): Buffer {
  return crypto.getRandomValues(Buffer.alloc(length))
}

/** @throws UsageError `RTMP_ERR_USAGE`, always: a page has the simple handshake alone */
function onlySimple(): never {
  throw new UsageError(
    'RTMP_ERR_USAGE',
    'in a browser there is only the simple handshake: neither digest nor RTMPE, and no proof of a SWF file (swf)',
  )
}

export { onlySimple as createDiffieHellman, onlySimple as createHmac, onlySimple as timingSafeEqual }

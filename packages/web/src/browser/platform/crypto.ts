/** As much of `node:crypto` as the simple handshake needs. */
import { UsageError } from '@rtmpipe/chunk-stream'

/** Bytes that nobody can foresee; at most 65,536 at a time. */
export function randomBytes(length: number): Buffer {
  return crypto.getRandomValues(Buffer.alloc(length))
}

export { missing as createDiffieHellman, missing as createHmac, missing as timingSafeEqual }

/** @throws UsageError `RTMP_ERR_USAGE`, always */
function missing(): never {
  throw new UsageError(
    'RTMP_ERR_USAGE',
    'in a browser there is only the simple handshake: neither digest nor RTMPE, and no proof of a SWF file (swf)',
  )
}

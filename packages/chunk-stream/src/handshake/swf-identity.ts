import { inflateSync } from 'node:zlib'
import { UsageError } from '../errors.ts'
import { clientKey } from './genuine-key.ts'
import { hmac } from './packet-digest.ts'

/** Identifies the SWF file of a player. It proves nothing: everybody who has the file can compute it. */
export interface SwfIdentity {
  /** HMAC-SHA256 of the decompressed file, 32 bytes. */
  readonly hash: Buffer
  /** Bytes of the decompressed file. */
  readonly size: number
}

const hashLength = 32
const headerLength = 8
/** Decompressed bytes. */
const maxLength = 256 * 1024 * 1024

/**
 * The identity of a SWF file, compressed (`CWS`) or not (`FWS`).
 *
 * @throws UsageError `RTMP_ERR_SWF_IDENTITY` for anything else
 */
export function swfIdentity(file: Buffer): SwfIdentity {
  const swf = decompress(file)
  return { hash: hmac(clientKey.name, swf), size: swf.length }
}

/** @throws UsageError `RTMP_ERR_SWF_IDENTITY` unless the hash is 32 bytes and the size fits 32 bits */
export function checkSwfIdentity({ hash, size }: SwfIdentity): void {
  if (hash.length === hashLength && Number.isInteger(size) && size > 0 && size <= 0xffffffff) return
  throw identityError(`a SWF has a hash of 32 bytes and a size of 32 bits, not ${hash.length} bytes and ${size}`)
}

function decompress(file: Buffer): Buffer {
  const signature = file.toString('latin1', 0, 3)
  if (file.length < headerLength || (signature !== 'FWS' && signature !== 'CWS')) {
    throw identityError('the file is no SWF, or is compressed by LZMA')
  }
  if (signature === 'FWS') return file
  try {
    const body = inflateSync(file.subarray(headerLength), { maxOutputLength: maxLength })
    return Buffer.concat([Buffer.from('FWS', 'latin1'), file.subarray(3, headerLength), body])
  } catch (cause) {
    throw identityError('the SWF can not be decompressed', { cause })
  }
}

function identityError(message: string, options?: ErrorOptions): UsageError {
  return new UsageError('RTMP_ERR_SWF_IDENTITY', message, options)
}

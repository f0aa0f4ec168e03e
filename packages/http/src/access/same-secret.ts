import { createHash, timingSafeEqual } from 'node:crypto'

/** A secret as a digest: what is compared has the same length, and tells nothing when memory is looked at. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Whether somebody knows the secret of this digest, in a time that tells nothing. */
export function isSecret(given: string, digest: Buffer): boolean {
  return timingSafeEqual(digestOf(given), digest)
}

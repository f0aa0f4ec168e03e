import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether two texts are the same; the time does not tell how many characters are. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

/** Finds a text in a list of hashes; the time does not tell which entry it was. */
export function hashedSecret(text: string): (candidate: string) => boolean {
  if (text === '') throw new TypeError('an empty key would open everything')
  const hash = digest(text)
  return candidate => timingSafeEqual(hash, digest(candidate))
}

/**
 * What stands for a secret where people and other servers may read it: the same for the same secret, and another hash
 * than the usual one, so that no table has it.
 */
export function secretId(secret: string): string {
  return digest(`rtmpipe principal\n${secret}`).toString('hex').slice(0, 16)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

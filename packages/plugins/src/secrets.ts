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

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether two texts are the same, in a time that tells nothing of how much of them is. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

/** What stands in a list, whose texts were kept as hashes; the time it takes does not tell which it was. */
export function hashedSecret(text: string): (candidate: string) => boolean {
  if (text === '') throw new TypeError('an empty key would open everything')
  const hash = digest(text)
  return candidate => timingSafeEqual(hash, digest(candidate))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

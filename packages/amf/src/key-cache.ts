const slots = 1024
const longest = 32

// The slots hold keys only, never values, so no stream name or token stays behind.
const cache: string[] = Array.from({ length: slots }, () => '')

/**
 * The short ASCII key at `start`; undefined when it is longer or not ASCII. Peers send the same few keys over and over:
 * finding the string made last time takes half as long as making it again. A hostile peer can only empty the slots.
 */
export function cachedKey(bytes: Buffer, start: number, length: number): string | undefined {
  if (length > longest) return undefined
  const end = start + length
  let hash = length
  let bits = 0
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    bits |= byte
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  if (bits > 0x7f) return undefined
  const slot = (hash ^ (hash >>> 10)) & (slots - 1)
  const candidate = cache[slot] as string
  if (candidate.length === length) {
    let index = 0
    while (index < length && candidate.charCodeAt(index) === bytes[start + index]) index++
    if (index === length) return candidate
  }
  return (cache[slot] = bytes.toString('latin1', start, end))
}
